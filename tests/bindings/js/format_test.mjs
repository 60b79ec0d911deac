// The worked examples of FORMAT.md §8: the module writes what C++ does, to the byte.
// Usage: node format_test.mjs FORMAT.md
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { UndoManager, load } from "@cotext/core";

const cotext = await load();
const page = readFileSync(process.argv[2], "utf8");
const id = Uint8Array.from({ length: 16 }, (_, i) => i + 1);

/** The bytes of an example: the pairs of digits in front of anything else, line by line. */
function example(name) {
  const [, text] = new RegExp(`^\`\`\`hex ${name}\n(.*?)^\`\`\`$`, "ms").exec(page);
  const lines = text.split("\n").map((line) => /^([0-9a-f]{2} ?)*/.exec(line)[0]);
  return lines.join("").replaceAll(" ", "");
}

const hex = (...pieces) => pieces.map((bytes) => Buffer.from(bytes).toString("hex")).join("");

/** The two replicas, when both have everything. */
function replicas() {
  const seven = cotext.createDocument({ writer: 7 });
  const threeHundred = cotext.createDocument({ writer: 300 });
  const send = (from, to) =>
    to.applyUpdate(from.encodeStateAsUpdate(to.encodeStateVector()));
  seven.insert(0, "Helo");
  send(seven, threeHundred);
  threeHundred.insert(3, "l");
  threeHundred.insert(5, " wörld");
  seven.replace(0, 1, "J");
  send(seven, threeHundred);
  threeHundred.delete(10, 1);
  threeHundred.delete(9, 1);
  send(threeHundred, seven);
  seven.setId(id);
  return { seven, threeHundred, send };
}

test("an update is the one of §8.1", () => {
  const { seven } = replicas();
  assert.equal(hex(seven.encodeStateAsUpdate()), example("update"));
  const reader = cotext.createDocument();
  reader.applyUpdate(Buffer.from(example("update"), "hex"));
  assert.equal(reader.toString(), "Jello wör");
});

test("a document's file, and what is appended to it, are those of §8.4", () => {
  const { seven, threeHundred, send } = replicas();
  const file = seven.save();
  const version = seven.encodeStateVector();
  threeHundred.insert(9, "!");
  send(threeHundred, seven);
  assert.equal(hex(file, seven.saveSince(version)), example("document"));
  const opened = cotext.openDocument(Buffer.from(example("document"), "hex"));
  assert.equal(opened.toString(), "Jello wör!");
  assert.deepEqual(opened.id, id);
});

test("a trimmed document's file is that of §8.7", () => {
  const { seven, threeHundred, send } = replicas();
  seven.trim(seven.encodeStateVector());
  threeHundred.insert(9, "!");
  send(threeHundred, seven);
  assert.equal(hex(seven.save()), example("trimmed"));
});

test("a file keeps the steps of undo of §8.6", () => {
  const document = cotext.createDocument({ writer: 7 });
  document.setId(id);
  const undoManager = new UndoManager(document, { captureTimeout: 0 });
  document.insert(0, "ab");
  undoManager.setSelection("after", { anchors: [document.createAnchor(2, "before")] });
  undoManager.stopCapturing();
  document.delete(0, 1);
  undoManager.undo();
  assert.ok(hex(document.save({ undo: true })).includes(example("undo")));
});
