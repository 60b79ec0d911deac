// Tests of the module's runtime: memory functions, and the reason that each kind of trap leaves.
// Usage: node runtime_test.mjs runtime_test.wasm
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const kNone = 0;
const kOutOfMemory = 2;
const kAborted = 3;
const kThrew = 4;

const module = new WebAssembly.Module(readFileSync(process.argv[2]));

function instantiate() {
  const { exports } = new WebAssembly.Instance(module, {});
  exports._initialize();
  return exports;
}

function trapReason(provoke) {
  const exports = instantiate();
  assert.equal(exports.cotext_trap_reason(), kNone);
  assert.throws(() => provoke(exports));
  return exports.cotext_trap_reason();
}

test("the runtime imports nothing", () => {
  assert.deepEqual(WebAssembly.Module.imports(module), []);
});

test("memory moves like an array, whichever way the ranges overlap", () => {
  const exports = instantiate();
  const size = 64;
  const base = exports.test_new(size);
  const memory = new Uint8Array(exports.memory.buffer, base, size);
  for (const length of [0, 1, 7, 8, 31]) {
    for (const [to, from] of [[0, 3], [3, 0], [5, 5], [0, 32], [32, 0]]) {
      memory.forEach((_, i) => (memory[i] = i));
      const expected = memory.slice().copyWithin(to, from, from + length);
      exports.test_move(base + to, base + from, length);
      assert.deepEqual(memory.slice(), expected);
    }
  }
});

test("memory is copied and filled", () => {
  const exports = instantiate();
  const base = exports.test_new(64);
  const memory = new Uint8Array(exports.memory.buffer, base, 64);
  memory.fill(1);
  exports.test_fill(base + 8, 0x1ff, 16);
  assert.deepEqual(memory.slice(), new Uint8Array(64).fill(1).fill(0xff, 8, 24));
  exports.test_copy(base + 32, base + 4, 8);
  assert.deepEqual([...memory.slice(31, 41)], [1, 1, 1, 1, 1, 255, 255, 255, 255, 1]);
});

test("aligned memory is aligned and comes back", () => {
  const exports = instantiate();
  for (let round = 0; round < 100_000; ++round) {
    const address = exports.test_new_aligned(16);
    assert.equal(address % 64, 0);
    exports.test_delete_aligned(address);
  }
  assert.ok(exports.memory.buffer.byteLength < 1 << 23);
});

test("each way of giving up has its reason", () => {
  assert.equal(trapReason((exports) => exports.test_new(0xfffffff0)), kOutOfMemory);
  assert.equal(trapReason((exports) => exports.test_new_aligned(0x3ffffff)), kOutOfMemory);
  assert.equal(trapReason((exports) => exports.test_abort()), kAborted);
  assert.equal(trapReason((exports) => exports.test_element_at(3)), kThrew);
});

test("the C++ library's hardening is on, and traps without a reason", () => {
  assert.equal(trapReason((exports) => exports.test_element(3)), kNone);
});

test("a stack overflow traps and leaves the globals alone", () => {
  const exports = instantiate();
  const globals = exports.test_globals();
  exports.test_recurse(500);
  assert.throws(() => exports.test_recurse(1_000_000));
  assert.equal(exports.cotext_trap_reason(), kNone);
  // The stack stays used up: only what takes none can still be called.
  assert.deepEqual([...new Uint32Array(exports.memory.buffer, globals, 4)], [1, 2, 3, 4]);
});
