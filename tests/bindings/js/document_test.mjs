// What a document of the package does, by examples.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { CotextError, UndoManager, load, randomWriter } from "@cotext/core";

const cotext = await load();
const throwsCode = (call, code) =>
  assert.throws(call, (error) => error instanceof CotextError && error.code === code, code);

test("the module has at most 230 kB by gzip, and no imports", (t) => {
  const bytes = readFileSync(new URL(import.meta.resolve("@cotext/core/core.wasm")));
  const zipped = gzipSync(bytes, { level: 9 }).length;
  t.diagnostic(`core.wasm has ${bytes.length} bytes, ${zipped} by gzip`);
  assert.ok(zipped <= 230_000, `${zipped} bytes`);
  assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(bytes)), []);
});

test("load takes bytes, a module, and a response", async () => {
  const bytes = readFileSync(new URL(import.meta.resolve("@cotext/core/core.wasm")));
  const type = { headers: { "Content-Type": "application/wasm" } };
  const sources = [
    bytes,
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    new WebAssembly.Module(bytes),
    new Response(bytes, type),
    new Response(bytes),
    Promise.resolve(new Response(bytes)),
  ];
  for (const source of sources) {
    const document = (await load(source)).createDocument({ text: "x" });
    assert.equal(document.toString(), "x");
  }
  await assert.rejects(load(new Response("", { status: 404 })), { code: "io" });
});

test("writers are random, of at most 53 bits", () => {
  const writers = new Set(Array.from({ length: 1000 }, randomWriter));
  assert.equal(writers.size, 1000);
  for (const writer of writers) assert.ok(Number.isSafeInteger(writer) && writer > 0);
});

test("text is edited and read in UTF-16 units", () => {
  const document = cotext.createDocument();
  document.insert(0, "a😀b");
  assert.equal(document.length, 4);
  document.insert(3, "漢");
  document.delete(1, 2);
  assert.equal(document.toString(), "a漢b");
  document.replace(1, 1, "é\u0000\ufeff");
  assert.equal(document.slice(1), "é\u0000\ufeffb");
  assert.equal(document.slice(1, 2), "é");
  assert.deepEqual(document.toDelta(), [{ insert: "aé\u0000\ufeffb" }]);
  assert.equal(JSON.stringify({ document }), '{"document":"aé\\u0000\ufeffb"}');
  document.setText("");
  assert.deepEqual(document.toDelta(), []);
});

test("long texts come through whole", () => {
  const text = "漢字😀x".repeat(200_000);
  const document = cotext.createDocument({ text });
  assert.equal(document.length, text.length);
  assert.equal(document.toString(), text);
  const copy = cotext.createDocument();
  copy.applyUpdate(document.encodeStateAsUpdate());
  assert.equal(copy.toString(), text);
  document.free();
  copy.free();
});

test("what does not fit throws, and changes nothing", () => {
  const document = cotext.createDocument({ text: "a😀b" });
  throwsCode(() => document.insert(5, "x"), "out_of_range");
  throwsCode(() => document.insert(-1, "x"), "out_of_range");
  throwsCode(() => document.insert(0.5, "x"), "out_of_range");
  throwsCode(() => document.insert(2, "x"), "inside_character");
  throwsCode(() => document.delete(3, 2), "out_of_range");
  throwsCode(() => document.insert(0, "\ud800"), "invalid_utf8");
  throwsCode(() => document.insert(0, "x\udc00y"), "invalid_utf8");
  throwsCode(() => document.applyDelta([{ insert: "x" }, { retain: 2 }, { delete: 2 }]), "inside_character");
  throwsCode(() => document.applyDelta([{ insert: "x" }, { retain: 4 }, { delete: 1 }]), "out_of_range");
  throwsCode(() => document.applyDelta([{ insert: {} }]), "invalid_delta");
  throwsCode(() => document.applyDelta([{ retain: 1, delete: 1 }]), "invalid_delta");
  throwsCode(() => document.applyDelta([null]), "invalid_delta");
  throwsCode(() => document.applyUpdate(Uint8Array.of(1, 2, 3)), "malformed_update");
  throwsCode(() => document.encodeStateAsUpdate(Uint8Array.of(255)), "invalid_version");
  throwsCode(() => document.resolveAnchor(new Uint8Array(33)), "invalid_anchor");
  throwsCode(() => cotext.createDocument({ writer: 0 }), "invalid_id");
  throwsCode(() => cotext.openDocument(Uint8Array.of(1, 2, 3)), "malformed_file");
  assert.equal(document.toString(), "a😀b");
});

test("positions that no text has are out of range, whatever their size", () => {
  const document = cotext.createDocument({ text: "abc" });
  const numbers = [4, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1, 2 ** 53, 1e300];
  for (const at of [...numbers, -1, -(2 ** 32), 0.5, NaN, Infinity, undefined, "1", 1n]) {
    const code = typeof at === "bigint" ? undefined : "out_of_range";
    const edits = [() => document.insert(at, "x"), () => document.delete(at, 1)];
    if (at !== 4) edits.push(() => document.replace(1, at, "x"));
    for (const edit of edits) code ? throwsCode(edit, code) : assert.throws(edit, TypeError);
  }
  throwsCode(() => document.delete(1, 3), "out_of_range");
  throwsCode(() => document.delete(2 ** 31, 2 ** 31), "out_of_range");
  assert.equal(document.toString(), "abc");
  document.free();
  throwsCode(() => document.insert(2, "x"), "disposed");
});

test("what is typed while the memory grows is all there", async () => {
  const own = await load();
  const document = own.createDocument();
  const begin = own.core.bytes().length;
  const words = ["a", "b", "é", "cd", "漢", "\n", "x".repeat(63), "y".repeat(65), "😀"];
  let text = "";
  // The last of them is put behind a buffer that has just been detached.
  for (let i = 0; own.core.bytes().length < 2 * begin; ++i) {
    const word = words[i % words.length];
    document.insert(text.length, word);
    text += word;
  }
  document.insert(0, "z");
  assert.equal(document.length, text.length + 1);
  assert.equal(document.toString(), `z${text}`);
});

test("a delta need not be in normal form, and its formats are passed over", () => {
  const document = cotext.createDocument({ text: "one two" });
  document.applyDelta([
    { retain: 2 },
    { retain: 2, attributes: { bold: true } },
    { insert: "a" },
    { insert: "" },
    { insert: "nd " },
    { delete: 1 },
    { delete: 2 },
    { retain: 0 },
  ]);
  assert.equal(document.toString(), "one and ");
  document.applyDelta([{ retain: 100 }]);
  document.applyDelta([]);
  assert.equal(document.toString(), "one and ");
});

test("observers hear of each change: what, whose, and from where", () => {
  const document = cotext.createDocument({ text: "a😀" });
  const other = cotext.createDocument();
  other.applyUpdate(document.encodeStateAsUpdate());
  const events = [];
  const stop = document.observe(({ target, delta, kind, local, origin }) => {
    assert.equal(target, document);
    events.push({ delta, kind, local, origin });
  });
  document.insert(3, "b");
  document.transact(() => {
    document.delete(1, 2);
    document.insert(1, "漢");
  }, "typing");
  other.insert(3, "z😀");
  document.applyUpdate(other.encodeStateAsUpdate(), other);
  stop();
  document.insert(0, "unheard");
  assert.deepEqual(events.slice(0, 2), [
    { delta: [{ retain: 3 }, { insert: "b" }], kind: "local", local: true, origin: null },
    {
      delta: [{ retain: 1 }, { insert: "漢" }, { delete: 2 }],
      kind: "local",
      local: true,
      origin: "typing",
    },
  ]);
  assert.equal(events.length, 3);
  assert.deepEqual([events[2].kind, events[2].local, events[2].origin], ["remote", false, other]);
});

test("what an observer edits is told to all when it has returned", () => {
  const document = cotext.createDocument();
  const heard = [];
  document.observe(({ delta }) => {
    heard.push(["first", delta]);
    if (document.length !== 1) return;
    document.insert(1, "!");
    heard.push("returned");
  });
  document.observe(({ delta }) => heard.push(["second", delta]));
  document.insert(0, "a");
  assert.deepEqual(heard, [
    ["first", [{ insert: "a" }]],
    "returned",
    ["second", [{ insert: "a" }]],
    ["first", [{ retain: 1 }, { insert: "!" }]],
    ["second", [{ retain: 1 }, { insert: "!" }]],
  ]);
});

test("an observer that throws keeps nobody from hearing, and the edit stays", () => {
  const document = cotext.createDocument();
  const heard = [];
  document.observe(() => {
    throw new Error("mine");
  });
  document.observe(({ delta }) => heard.push(delta));
  assert.throws(() => document.insert(0, "a"), { message: "mine" });
  assert.equal(heard.length, 1);
  assert.equal(document.toString(), "a");
});

test("a transaction that throws keeps what it did, and ends", () => {
  const document = cotext.createDocument();
  assert.throws(() =>
    document.transact(() => {
      document.insert(0, "a");
      throw new Error("mine");
    }),
  );
  assert.equal(document.toString(), "a");
  const other = cotext.createDocument({ text: "b" });
  document.applyUpdate(other.encodeStateAsUpdate());
  document.transact(() => {
    throwsCode(() => document.applyUpdate(other.encodeStateAsUpdate()), "transaction_open");
  });
  assert.equal(document.transact(() => 7), 7);
});

test("updates tell what changed, also what no text shows", () => {
  const left = cotext.createDocument({ text: "abc" });
  const right = cotext.createDocument();
  right.applyUpdate(left.encodeStateAsUpdate());
  const updates = [];
  const stop = left.on("update", (update, origin) => updates.push({ update, origin }));
  left.delete(0, 1);
  right.delete(0, 1);
  left.applyUpdate(right.encodeStateAsUpdate(), "right");
  assert.deepEqual(updates.map(({ origin }) => origin), [null, "right"]);
  left.applyUpdate(right.encodeStateAsUpdate(), "right");
  assert.equal(updates.length, 2);
  stop();
  left.insert(0, "x");
  assert.equal(updates.length, 2);
});

test("an update whose past is missing is taken once that is there", () => {
  const document = cotext.createDocument({ text: "a" });
  const first = document.encodeStateAsUpdate();
  const version = document.encodeStateVector();
  document.insert(1, "b");
  const second = document.encodeStateAsUpdate(version);
  const other = cotext.createDocument();
  throwsCode(() => other.applyUpdate(second), "missing_dependency");
  other.applyUpdate(first);
  other.applyUpdate(second);
  assert.equal(other.toString(), "ab");
});

test("anchors stay where they are in the text", () => {
  const document = cotext.createDocument({ text: "a😀b" });
  const before = document.createAnchor(3, "before");
  const after = document.createAnchor(3);
  document.insert(3, "xy");
  assert.equal(document.resolveAnchor(before), 3);
  assert.equal(document.resolveAnchor(after), 5);
  document.insert(0, "😀");
  assert.equal(document.resolveAnchor(after), 7);
  const other = cotext.createDocument();
  throwsCode(() => other.resolveAnchor(after), "unknown_anchor");
  other.applyUpdate(document.encodeStateAsUpdate());
  assert.equal(other.resolveAnchor(after), 7);
});

test("undo takes back one's own edits, by time, origin and group", () => {
  const document = cotext.createDocument({ text: "base " });
  const other = cotext.createDocument();
  let time = 0;
  class Formatter {}
  const trackedOrigins = new Set([null, Formatter]);
  const undoManager = new UndoManager(document, { trackedOrigins, now: () => time });
  throwsCode(() => new UndoManager(document), "busy");
  assert.equal(undoManager.canUndo(), false);
  const origins = [];
  document.observe(({ kind, origin }) => kind === "undo" && origins.push(origin));

  document.insert(5, "a");
  time += 100;
  document.insert(6, "b");
  time += 1000;
  document.transact(() => document.insert(7, "c"), new Formatter());
  undoManager.stopCapturing();
  document.insert(8, "d");
  document.transact(() => document.insert(0, "untracked "), "loader");
  other.applyUpdate(document.encodeStateAsUpdate());
  other.insert(0, "other ");
  document.applyUpdate(other.encodeStateAsUpdate());
  assert.equal(document.toString(), "other untracked base abcd");
  assert.equal(undoManager.undoSteps, 3);

  const texts = [];
  while (undoManager.undo()) texts.push(document.toString());
  assert.deepEqual(texts, ["abc", "ab", ""].map((text) => `other untracked base ${text}`));
  assert.deepEqual(origins, [undoManager, undoManager, undoManager]);
  assert.ok(undoManager.canRedo());
  while (undoManager.redo());
  assert.equal(document.toString(), "other untracked base abcd");
  undoManager.destroy();
  document.insert(0, "x");
  const next = new UndoManager(document);
  assert.equal(next.canUndo(), false);
});

test("undo gives selections back", () => {
  const document = cotext.createDocument({ text: "abc" });
  const undoManager = new UndoManager(document, { captureTimeout: 0 });
  const data = Uint8Array.of(1, 2);
  undoManager.setSelection("before", { anchors: [document.createAnchor(1)], data });
  document.delete(0, 1);
  undoManager.setSelection("after", { anchors: [document.createAnchor(0)] });
  undoManager.undo();
  const { anchors, data: restored } = undoManager.restoredSelection;
  assert.deepEqual([anchors.map((anchor) => document.resolveAnchor(anchor)), restored], [[1], data]);
  undoManager.redo();
  assert.equal(undoManager.restoredSelection.anchors.length, 1);
});

test("history: texts, deltas, authors, names, trimming", () => {
  const document = cotext.createDocument({ writer: 1, text: "a😀b" });
  const first = document.encodeStateVector();
  document.nameVersion("first");
  const other = cotext.createDocument({ writer: 2 });
  other.applyUpdate(document.encodeStateAsUpdate());
  other.replace(1, 2, "漢");
  document.applyUpdate(other.encodeStateAsUpdate());

  assert.equal(document.textAt(first), "a😀b");
  assert.deepEqual(document.diff(first), [{ retain: 1 }, { insert: "漢" }, { delete: 2 }]);
  assert.deepEqual(document.diff(document.encodeStateVector(), first), [
    { retain: 1 },
    { insert: "😀" },
    { delete: 1 },
  ]);
  assert.deepEqual(
    document.blame().map(({ index, length, writer }) => [index, length, writer]),
    [[0, 1, 1], [1, 1, 2], [2, 1, 1]],
  );
  assert.deepEqual(document.versionNames(), ["first"]);
  assert.deepEqual(document.versionNamed("first"), first);
  assert.equal(document.unnameVersion("first"), true);
  assert.equal(document.unnameVersion("first"), false);
  throwsCode(() => document.versionNamed("first"), "unknown_version");
  throwsCode(() => document.textAt(Uint8Array.of(1, 9, 9)), "unknown_version");

  document.trim(first);
  assert.deepEqual(document.horizon, first);
  throwsCode(() => document.textAt(new Uint8Array(0)), "history_trimmed");
  assert.equal(document.textAt(first), "a😀b");
});

test("a document is saved and opened again, with what can be undone", () => {
  const document = cotext.createDocument({ writer: 5 });
  const undoManager = new UndoManager(document, { captureTimeout: 0 });
  const id = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
  document.setId(id);
  document.insert(0, "one ");
  document.insert(4, "two");
  const file = document.save({ undo: true });
  const version = document.encodeStateVector();
  assert.equal(document.saveSince(version).length, 0);

  const opened = cotext.openDocument(file, { writer: 5 });
  assert.equal(opened.toString(), "one two");
  assert.deepEqual(opened.id, id);
  assert.equal(opened.writer, 5);
  const again = new UndoManager(opened);
  again.restore();
  assert.ok(again.undo());
  assert.equal(opened.toString(), "one ");

  document.insert(0, "zero ");
  const appended = cotext.openDocument(Buffer.concat([file, document.saveSince(version)]));
  assert.equal(appended.toString(), "zero one two");
  assert.ok(document.save({ compact: true }).length <= document.save().length);
  assert.deepEqual(undoManager.undoSteps, 3);
});

test("a copy goes on as another writer", () => {
  const document = cotext.createDocument({ writer: 1, text: "a" });
  const fork = document.fork(2);
  fork.insert(1, "b");
  document.setWriter(3);
  document.insert(0, "c");
  document.applyUpdate(fork.encodeStateAsUpdate());
  assert.equal(document.toString(), "cab");
  assert.deepEqual(document.blame().map(({ writer }) => writer), [3, 1, 2]);
});

test("documents of OT are edited and undone alike; what needs peers is unsupported", () => {
  const document = cotext.createDocument({ engine: "ot", text: "a😀b" });
  const undoManager = new UndoManager(document);
  const deltas = [];
  document.observe(({ delta }) => deltas.push(delta));
  const anchor = document.createAnchor(3);
  document.delete(1, 2);
  assert.equal(document.resolveAnchor(anchor), 1);
  undoManager.undo();
  assert.equal(document.toString(), "a😀b");
  assert.deepEqual(deltas, [[{ retain: 1 }, { delete: 2 }], [{ retain: 1 }, { insert: "😀" }]]);
  throwsCode(() => document.encodeStateAsUpdate(), "unsupported");
  throwsCode(() => document.on("update", () => {}), "unsupported");
  throwsCode(() => document.blame(), "unsupported");
  const opened = cotext.openDocument(document.save(), { engine: "ot" });
  assert.equal(opened.toString(), "a😀b");
  assert.equal(opened.writer, document.writer);
});

test("what was freed says so, and freeing it again does nothing", () => {
  const document = cotext.createDocument({ text: "a" });
  document.observe(() => {});
  document.free();
  document[Symbol.dispose ?? "free"]();
  throwsCode(() => document.toString(), "disposed");
  throwsCode(() => document.insert(0, "x"), "disposed");
});

test("memory of documents that were freed is used again", () => {
  const text = "x".repeat(100_000);
  const use = () => {
    const document = cotext.createDocument({ text });
    document.observe(() => {});
    document.insert(0, "y");
    document.save();
    document.free();
  };
  for (let i = 0; i < 10; ++i) use();
  const before = cotext.core.bytes().length;
  for (let i = 0; i < 200; ++i) use();
  assert.equal(cotext.core.bytes().length, before);
});

test("memory that cannot be had is an error, and the instance lives", () => {
  throwsCode(() => cotext.core.reserve(0xf000_0000), "out_of_memory");
  assert.equal(cotext.isLost, false);
});

test("after a trap the instance is lost, with its reason, and no other", async () => {
  const broken = await load();
  const document = broken.createDocument({ text: "a" });
  throwsCode(() => broken.core.wasm.cotext_utf8_measure(0, 0, broken.core.out + 1), "check_failed");
  assert.equal(broken.isLost, true);
  throwsCode(() => document.insert(0, "x"), "instance_lost");
  throwsCode(() => broken.createDocument(), "instance_lost");
  document.free();
  assert.equal(cotext.createDocument({ text: "b" }).toString(), "b");
});
