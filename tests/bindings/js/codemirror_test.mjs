// Editors without a DOM on documents: whatever is edited where, and whenever it arrives, editor and
// document have the same text.
import assert from "node:assert/strict";
import { test } from "node:test";

import { EditorSelection, EditorState, Transaction } from "@codemirror/state";
import { Binding, cotext as extension, fromDocument, selectionOf } from "@cotext/codemirror";
import { UndoManager, load } from "@cotext/core";

import { boundaries, forEachSeed } from "./random.mjs";

const cotext = await load();
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** An editor that shows nothing, over a copy of a document. */
class Editor {
  isComposing = false;
  isTelling = false;

  constructor(document, options = {}) {
    this.document = document;
    this.state = EditorState.create({
      doc: options.text ?? document.toString(),
      extensions: [
        EditorState.lineSeparator.of("\n"),
        EditorState.allowMultipleSelections.of(true),
      ],
    });
    this.undoManager = options.undo
      ? new UndoManager(document, { trackedOrigins: new Set(), captureTimeout: 0 })
      : undefined;
    this.binding = new Binding(document, this, {
      undoManager: this.undoManager,
      mustWait: () => this.isComposing,
    });
  }

  get text() {
    return this.state.doc.toString();
  }

  dispatch(...specs) {
    assert.ok(!this.isTelling, "an editor takes no changes while it tells of some");
    const transaction = this.state.update(...specs);
    this.last = transaction;
    this.state = transaction.state;
    this.isTelling = true;
    try {
      this.binding.onTransaction(transaction);
    } finally {
      this.isTelling = false;
    }
  }

  type(from, to, insert) {
    this.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length } });
  }

  takeBack(what) {
    const done = this.undoManager[what]();
    const selection = done && selectionOf(this.binding, this.undoManager.restoredSelection);
    if (selection) this.dispatch({ selection });
    return done;
  }
}

/** Several editors, each of which gets what the others edit, late. */
class World {
  constructor(random) {
    this.random = random;
    this.editors = Array.from({ length: 2 + random.below(3) }, (_, i) => {
      const editor = new Editor(cotext.createDocument({ writer: i + 1 }), { undo: true });
      editor.inbox = [];
      editor.document.on("update", (update, origin) => {
        if (origin !== "network") this.send(editor, update);
      });
      return editor;
    });
  }

  send(from, update) {
    for (const editor of this.editors) if (editor !== from) editor.inbox.push({ from, update });
  }

  deliver(editor) {
    const { random } = this;
    const senders = [...new Set(editor.inbox.map(({ from }) => from))];
    if (senders.length === 0) return false;
    const sender = random.oneOf(senders);
    const index = editor.inbox.findIndex(({ from }) => from === sender);
    const [news] = editor.inbox.splice(index, 1);
    try {
      editor.document.applyUpdate(news.update, "network");
    } catch (error) {
      assert.equal(error.code, "missing_dependency");
      editor.inbox.push(news);
    }
    return true;
  }

  edit(editor) {
    const { random } = this;
    const at = boundaries(editor.text);
    const places = Array.from({ length: 2 * (1 + random.below(2)) }, () => random.below(at.length));
    places.sort((a, b) => a - b);
    const changes = [];
    for (let i = 0; i < places.length; i += 2) {
      const from = at[places[i]];
      const to = at[Math.min(places[i + 1], places[i] + random.below(8))];
      const insert = random.below(3) === 0 ? "" : random.text(4).replaceAll("\r", "");
      changes.push({ from, to, insert });
    }
    const ranges = changes.map(({ from }) => EditorSelection.cursor(from));
    editor.dispatch({ changes });
    const selection = EditorSelection.create(ranges).map(editor.last.changes, 1);
    editor.dispatch({ selection });
  }

  step() {
    const { random } = this;
    const editor = random.oneOf(this.editors);
    const what = random.below(10);
    if (what < 4) this.edit(editor);
    else if (what < 7) this.deliver(editor);
    else if (what === 7) editor.takeBack("undo");
    else if (what === 8) editor.takeBack("redo");
    else this.setComposing(editor, !editor.isComposing);
    this.check(editor);
  }

  setComposing(editor, isComposing) {
    editor.isComposing = isComposing;
    if (!isComposing) editor.binding.flush();
  }

  check(editor) {
    if (editor.binding.isWaiting) return;
    assert.equal(editor.text, editor.document.toString());
  }

  settle() {
    for (const editor of this.editors) this.setComposing(editor, false);
    while (this.editors.some((editor) => this.deliver(editor)));
    const [first] = this.editors;
    for (const editor of this.editors) {
      assert.ok(!editor.binding.isWaiting);
      assert.equal(editor.text, editor.document.toString());
      assert.equal(editor.text, first.text);
    }
  }
}

test("editors and documents have the same text, whatever is edited when, and held back", () => {
  forEachSeed(60, (random) => {
    const world = new World(random);
    for (let step = 0; step < 120; ++step) world.step();
    world.settle();
  });
});

test("what came out of the document is not sent back, and is not the editor's history", () => {
  const editor = new Editor(cotext.createDocument({ text: "Hello" }));
  const other = editor.document.fork(77);
  let updates = 0;
  editor.document.on("update", () => ++updates);
  other.insert(5, "!");
  editor.document.applyUpdate(other.encodeStateAsUpdate());
  assert.equal(editor.text, "Hello!");
  assert.equal(updates, 1);
  assert.equal(editor.last.annotation(fromDocument), editor.document);
  assert.equal(editor.last.annotation(Transaction.addToHistory), false);
  assert.equal(editor.last.annotation(Transaction.remote), true);
});

test("an editor that begins with another text gets that of the document", async () => {
  const editor = new Editor(cotext.createDocument({ text: "one\ntwo" }), { text: "one, two" });
  await settled();
  assert.equal(editor.text, "one\ntwo");
  assert.equal(editor.document.toString(), "one\ntwo");
});

test("ends of lines become one kind, in the document and in the editor", async () => {
  const editor = new Editor(cotext.createDocument());
  editor.type(0, 0, "a\r\nb\rc\n");
  assert.equal(editor.document.toString(), "a\nb\nc\n");
  await settled();
  assert.equal(editor.text, "a\nb\nc\n");
  assert.equal(editor.state.doc.lines, 4);
});

test("carriage returns that others wrote keep every position", () => {
  const editor = new Editor(cotext.createDocument({ text: "a\r\nb" }));
  assert.equal(editor.state.doc.length, 4);
  editor.type(3, 4, "c");
  assert.equal(editor.document.toString(), "a\r\nc");
});

test("half characters never reach the document", async () => {
  const editor = new Editor(cotext.createDocument({ text: "a😀b" }));
  editor.type(4, 4, "\ud83d");
  await settled();
  assert.equal(editor.text, "a😀b\ufffd");
  assert.equal(editor.document.toString(), editor.text);
  editor.type(1, 2, "");
  await settled();
  assert.equal(editor.text, "a😀b\ufffd");
  assert.equal(editor.document.toString(), editor.text);
});

test("what somebody else observes and edits comes to the editor behind its own edit", async () => {
  const editor = new Editor(cotext.createDocument());
  const stop = editor.document.observe(({ target }) => {
    stop();
    target.insert(0, "> ");
  });
  editor.type(0, 0, "abc");
  await settled();
  assert.equal(editor.document.toString(), "> abc");
  assert.equal(editor.text, "> abc");
});

test("what waits while a text is composed goes past what is typed meanwhile", () => {
  const editor = new Editor(cotext.createDocument({ text: "one two" }));
  const other = editor.document.fork(77);
  editor.isComposing = true;
  other.replace(0, 3, "three");
  editor.document.applyUpdate(other.encodeStateAsUpdate());
  assert.equal(editor.text, "one two");
  editor.type(7, 7, "k");
  editor.type(7, 8, "か");
  assert.equal(editor.text, "one twoか");
  assert.equal(editor.document.toString(), "three twoか");
  editor.isComposing = false;
  editor.binding.flush();
  assert.equal(editor.text, "three twoか");
});

test("undo and redo restore selections, where their text is now", () => {
  const editor = new Editor(cotext.createDocument({ text: "one two three" }), { undo: true });
  const other = editor.document.fork(77);
  editor.dispatch({ selection: { anchor: 4, head: 7 } });
  editor.type(4, 7, "2");
  other.insert(0, "zero ");
  editor.document.applyUpdate(other.encodeStateAsUpdate());
  assert.equal(editor.text, "zero one 2 three");
  editor.dispatch({ selection: { anchor: 0 } });
  assert.ok(editor.takeBack("undo"));
  assert.equal(editor.text, "zero one two three");
  assert.deepEqual([editor.state.selection.main.anchor, editor.state.selection.main.head], [9, 12]);
  assert.equal(editor.last.annotation(fromDocument), undefined);
  editor.dispatch({ selection: { anchor: 0 } });
  assert.ok(editor.takeBack("redo"));
  assert.equal(editor.text, "zero one 2 three");
  assert.equal(editor.state.selection.main.head, 10);
  assert.ok(!editor.takeBack("redo"));
});

test("several selections come back, the main one as such", () => {
  const editor = new Editor(cotext.createDocument({ text: "a b c" }), { undo: true });
  const selection = EditorSelection.create(
    [EditorSelection.range(0, 1), EditorSelection.range(2, 3), EditorSelection.range(5, 4)],
    1,
  );
  editor.dispatch({ selection });
  editor.dispatch(editor.state.replaceSelection("xx"));
  assert.equal(editor.text, "xx xx xx");
  editor.takeBack("undo");
  assert.equal(editor.text, "a b c");
  assert.ok(editor.state.selection.eq(selection));
});

test("an editor that was destroyed changes nothing, and is not changed", () => {
  const editor = new Editor(cotext.createDocument({ text: "a" }));
  editor.binding.destroy();
  editor.type(1, 1, "b");
  assert.equal(editor.document.toString(), "a");
  editor.document.insert(0, "c");
  assert.equal(editor.text, "ab");
});

test("the extension makes the state of an editor that counts as the document does", () => {
  const document = cotext.createDocument({ text: "a\r\nb" });
  const state = EditorState.create({ doc: "a\r\nb", extensions: extension({ document }) });
  assert.equal(state.doc.length, document.length);
  assert.equal(state.readOnly, false);
});
