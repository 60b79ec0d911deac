// Tests of documents in the WebAssembly module: two replicas, each an instance of its own.
// Usage: node document_wasm_test.mjs core.wasm
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const kInsideCharacter = 3;
const kMalformedUpdate = 29;

const module = new WebAssembly.Module(readFileSync(process.argv[2]));

// The least that a caller needs around the module's functions.
class Document {
  constructor(replica) {
    this.core = new WebAssembly.Instance(module, {}).exports;
    this.core._initialize();
    this.handle = this.core.cotext_document_new(BigInt(replica));
    assert.notEqual(this.handle, 0);
  }

  call(name, ...args) {
    return this.core[`cotext_document_${name}`](this.handle, ...args);
  }

  callWithBytes(name, bytes, ...args) {
    const address = this.core.cotext_alloc(bytes.length);
    new Uint8Array(this.core.memory.buffer, address, bytes.length).set(bytes);
    const error = this.call(name, ...args, address, bytes.length);
    this.core.cotext_free(address);
    return error;
  }

  result() {
    const size = this.call("result_size");
    return new Uint8Array(this.core.memory.buffer, this.call("result"), size).slice();
  }

  replace(begin, end, text) {
    const bytes = new TextEncoder().encode(text);
    return this.callWithBytes("replace", bytes, BigInt(begin), BigInt(end));
  }

  get text() {
    this.call("text");
    return new TextDecoder().decode(this.result());
  }

  pull(other) {
    this.call("version");
    assert.equal(other.callWithBytes("encode_since", this.result()), 0);
    assert.equal(this.callWithBytes("merge", other.result()), 0);
  }
}

test("two replicas that edit at the same time converge", () => {
  const alice = new Document(1);
  const bob = new Document(2);
  assert.equal(alice.replace(0, 0, "Hello 😀!"), 0);
  bob.pull(alice);
  assert.equal(alice.replace(6, 8, "Alice"), 0);
  assert.equal(bob.replace(0, 5, "Bye"), 0);
  alice.pull(bob);
  bob.pull(alice);
  assert.equal(alice.text, "Bye Alice!");
  assert.equal(bob.text, alice.text);
  assert.equal(alice.call("undo"), 0);
  assert.equal(alice.text, "Bye 😀!");
  assert.equal(alice.call("length"), BigInt(alice.text.length));
});

test("edits equal those of a JavaScript string", () => {
  const document = new Document(7);
  let expected = "";
  let state = 12345;
  const below = (bound) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state % bound;
  };
  for (let i = 0; i < 3000; ++i) {
    const begin = below(expected.length + 1);
    const end = Math.min(expected.length, begin + (below(3) === 0 ? below(6) : 0));
    const text = ["a", "é\n", "漢字", "typing", ""][below(5)];
    assert.equal(document.replace(begin, end, text), 0);
    expected = expected.slice(0, begin) + text + expected.slice(end);
  }
  assert.equal(document.text, expected);
});

test("bad input is an error and changes nothing", () => {
  const document = new Document(1);
  assert.equal(document.replace(0, 0, "😀"), 0);
  assert.equal(document.replace(1, 1, "x"), kInsideCharacter);
  assert.equal(document.callWithBytes("merge", Uint8Array.of(1, 2, 3)), kMalformedUpdate);
  assert.equal(document.text, "😀");
  assert.equal(document.core.cotext_document_new(0n), 0);
  assert.equal(document.core.cotext_document_new(1n << 53n), 0);
});
