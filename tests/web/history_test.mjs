// Versions that are read out of updates: each is one, one operation apart.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "@cotext/core";
import { History, readVersion, writeVersion } from "./history.js";

const cotext = await load();

function historyOf(document) {
  const base = document.horizon;
  return new History(document.encodeStateAsUpdate(base), base);
}

test("a document that one has typed has a version for each letter", () => {
  const document = cotext.createDocument({ writer: 5 });
  for (const letter of "words") document.insert(document.length, letter);
  document.delete(0, 1);
  const history = historyOf(document);
  assert.equal(history.length, 6);
  const texts = Array.from({ length: 7 }, (_, i) => document.textAt(history.versionAt(i)));
  assert.deepEqual(texts, ["", "w", "wo", "wor", "word", "words", "ords"]);
  assert.equal(history.changeAt(3).writer, 5);
  assert.deepEqual(history.versionAt(6), document.encodeStateVector());
});

test("an empty document has one version", () => {
  const history = historyOf(cotext.createDocument());
  assert.equal(history.length, 0);
  assert.equal(history.changeAt(0), undefined);
});

test("writers who edit at the same time have versions that are all known", () => {
  let state = 17;
  const below = (limit) => (state = (state * 48271) % 2147483647) % limit;
  for (let round = 0; round < 30; ++round) {
    const copies = [1, 2 ** 31, 2 ** 53 - 1].map((writer) => cotext.createDocument({ writer }));
    for (let step = 0; step < 40; ++step) {
      const copy = copies[below(3)];
      const at = below(copy.length + 1);
      if (below(4) === 0 && at < copy.length) copy.delete(at, 1);
      else copy.insert(at, "ab".slice(below(2)));
      if (below(3) === 0) {
        const other = copies[below(3)];
        copy.applyUpdate(other.encodeStateAsUpdate(copy.encodeStateVector()));
      }
    }
    const [first] = copies;
    for (const other of copies) first.applyUpdate(other.encodeStateAsUpdate());
    const history = historyOf(first);
    for (let i = 0; i <= history.length; ++i) first.textAt(history.versionAt(i));
    assert.deepEqual(history.versionAt(history.length), first.encodeStateVector());
  }
});

test("what was trimmed is where the history begins", () => {
  const document = cotext.createDocument({ writer: 5 });
  document.insert(0, "one ");
  document.trim(document.encodeStateVector());
  document.insert(4, "two");
  const history = historyOf(document);
  assert.equal(history.length, 3);
  assert.equal(document.textAt(history.versionAt(0)), "one ");
  assert.equal(document.textAt(history.versionAt(2)), "one tw");
});

test("versions are written as they were read", () => {
  const version = new Map([
    [7, 6],
    [300, 13],
    [2 ** 53 - 1, 2 ** 53 - 1],
  ]);
  assert.deepEqual(readVersion(writeVersion(version)), version);
});
