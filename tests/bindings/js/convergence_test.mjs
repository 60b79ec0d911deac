// Random histories of several copies, merged in random orders: each is what the flat rule says
// (flat_rga.mjs), what its observers were told, and in the end what all others are.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UndoManager, load } from "@cotext/core";

import { FlatRga } from "./flat_rga.mjs";
import { applyDelta, boundaries, forEachSeed } from "./random.mjs";

const cotext = await load();

class Copy {
  constructor(replica) {
    this.document = cotext.createDocument({ writer: replica });
    this.model = new FlatRga(replica);
    this.mirror = "";
    this.inbox = [];
    this.document.observe(({ delta }) => {
      this.mirror = applyDelta(this.mirror, delta);
    });
  }

  /** Makes a random edit and returns what others are to get of it. */
  edit(random) {
    const text = this.document.toString();
    const at = boundaries(text);
    const begin = random.below(at.length);
    const count = random.below(3) === 0 ? random.below(Math.min(6, at.length - begin)) : 0;
    const inserted = count > 0 && random.below(2) === 0 ? "" : random.text(4);
    const length = at[begin + count] - at[begin];
    const before = this.document.encodeStateVector();
    this.document.replace(at[begin], length, inserted);
    const expected = text.slice(0, at[begin]) + inserted + text.slice(at[begin] + length);
    assert.equal(this.document.toString(), expected);
    const operations = this.model.replace(begin, count, inserted);
    return { update: this.document.encodeStateAsUpdate(before), operations };
  }

  take(news) {
    this.document.applyUpdate(news.update);
    news.operations.forEach((operation) => this.model.merge(operation));
  }

  check() {
    const text = this.document.toString();
    assert.equal(text, this.model.text);
    assert.equal(text, this.mirror);
    assert.equal(this.document.length, text.length);
  }
}

/** Takes one piece of news of the inbox, now and then twice; those of one writer in order. */
function deliver(copy, random) {
  const senders = [...new Set(copy.inbox.map((news) => news.sender))];
  const sender = random.oneOf(senders);
  const index = copy.inbox.findIndex((news) => news.sender === sender);
  const [news] = copy.inbox.splice(index, 1);
  try {
    copy.take(news);
    if (random.below(4) === 0) copy.take(news);
  } catch (error) {
    // What it follows comes from another one, later.
    assert.equal(error.code, "missing_dependency");
    copy.inbox.splice(index, 0, news);
    return false;
  }
  return true;
}

test("copies converge to what the flat rule says, whatever the order", () => {
  forEachSeed(40, (random) => {
    const copies = Array.from({ length: 2 + random.below(3) }, (_, i) => new Copy(i + 1));
    for (let step = 0; step < 60; ++step) {
      const copy = random.oneOf(copies);
      if (random.below(2) === 0) {
        const news = copy.edit(random);
        for (const other of copies) {
          if (other !== copy) other.inbox.push({ ...news, sender: copy });
        }
      } else if (copy.inbox.length > 0) {
        deliver(copy, random);
      }
      copy.check();
    }
    while (copies.some((copy) => copy.inbox.length > 0)) {
      const waiting = copies.filter((copy) => copy.inbox.length > 0);
      // Somebody has what all that it follows was delivered of.
      deliver(random.oneOf(waiting), random);
    }
    for (const copy of copies) {
      copy.check();
      assert.equal(copy.document.toString(), copies[0].document.toString());
      assert.deepEqual(copy.document.encodeStateVector(), copies[0].document.encodeStateVector());
    }
    copies.forEach((copy) => copy.document.free());
  });
});

/** What typing is: characters one after another, now and then somewhere else, and deleting. */
class Typist {
  #at = 0;

  constructor(random) {
    this.random = random;
  }

  next(text) {
    const { random } = this;
    const at = boundaries(text);
    if (random.below(8) === 0) this.#at = random.below(at.length);
    this.#at = Math.min(this.#at, at.length - 1);
    const index = at[this.#at];
    switch (random.below(6)) {
      case 0: {
        if (this.#at === 0) return [index, 0, "\n"];
        this.#at -= 1;
        return [at[this.#at], index - at[this.#at], ""];
      }
      case 1:
        return [index, (at[this.#at + 1] ?? index) - index, random.below(2) === 0 ? "" : "r"];
      case 2:
        return [index, 0, random.below(9) === 0 ? random.text(3) : "ab"];
      default:
        this.#at += 1;
        return [index, 0, "abc \n"[random.below(5)]];
    }
  }
}

test("what nobody hears of is the same edit as what observers, undo and a transaction get", () => {
  forEachSeed(20, (random) => {
    const copies = Array.from({ length: 4 }, () => cotext.createDocument({ writer: 7 }));
    const [quiet, observed, undone, inside] = copies;
    let mirror = "";
    observed.observe(({ delta }) => {
      mirror = applyDelta(mirror, delta);
    });
    const undoManager = new UndoManager(undone, { captureTimeout: 0 });
    const typist = new Typist(random);
    let text = "";
    let steps = 0;
    for (let i = 0; i < 200; ++i) {
      const [index, length, inserted] = typist.next(text);
      for (const copy of copies.slice(0, 3)) copy.replace(index, length, inserted);
      inside.transact(() => inside.replace(index, length, inserted));
      text = text.slice(0, index) + inserted + text.slice(index + length);
      if (length > 0 || inserted !== "") ++steps;
      assert.equal(quiet.length, text.length);
    }
    assert.equal(mirror, text);
    assert.equal(undoManager.undoSteps, steps);
    for (const copy of copies) {
      assert.equal(copy.toString(), text);
      assert.deepEqual(copy.encodeStateAsUpdate(), quiet.encodeStateAsUpdate());
      assert.deepEqual(copy.save(), quiet.save());
    }
    copies.forEach((copy) => copy.free());
  });
});

test("undo and redo of all own edits, without others, restore each text", () => {
  forEachSeed(10, (random) => {
    const document = cotext.createDocument({ writer: 7 });
    const undoManager = new UndoManager(document, { captureTimeout: 0 });
    const texts = [document.toString()];
    for (let i = 0; i < 30; ++i) {
      const at = random.oneOf(boundaries(document.toString()));
      document.insert(at, random.text(3));
      texts.push(document.toString());
    }
    for (let i = texts.length - 2; i >= 0; --i) {
      assert.ok(undoManager.undo());
      assert.equal(document.toString(), texts[i]);
    }
    assert.equal(undoManager.undo(), false);
    for (const text of texts.slice(1)) {
      assert.ok(undoManager.redo());
      assert.equal(document.toString(), text);
    }
    document.free();
  });
});

test("two that apply each other's deltas by updates stay the same", () => {
  forEachSeed(10, (random) => {
    const left = cotext.createDocument({ writer: 1 });
    const right = cotext.createDocument({ writer: 2 });
    left.on("update", (update, origin) => origin !== right && right.applyUpdate(update, left));
    right.on("update", (update, origin) => origin !== left && left.applyUpdate(update, right));
    for (let i = 0; i < 50; ++i) {
      const document = random.oneOf([left, right]);
      const at = boundaries(document.toString());
      const begin = random.below(at.length);
      const end = begin + random.below(at.length - begin);
      document.transact(() => {
        document.applyDelta([
          { retain: at[begin] },
          { insert: random.text(3) },
          { delete: at[end] - at[begin] },
        ]);
        document.insert(0, random.text(1));
      });
      assert.equal(left.toString(), right.toString());
    }
  });
});
