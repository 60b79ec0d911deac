// Tests of the WebAssembly module itself: what it needs, what it exports, how it fails.
// Usage: node core_wasm_test.mjs core.wasm
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const kInvalidUtf8 = 1;
const kCheckFailed = 1;

// It is to be 150,000 at most; this is just above what has been reached, so that it only shrinks.
const kGzippedBytesMax = 192_000;

const bytes = readFileSync(process.argv[2]);
const module = new WebAssembly.Module(bytes);

function instantiate() {
  const { exports } = new WebAssembly.Instance(module, {});
  exports._initialize();
  return exports;
}

// Calls `use(address, size)` with the bytes in the module's memory.
function withBytes(core, bytes, use) {
  const address = core.cotext_alloc(bytes.length);
  assert.notEqual(address, 0);
  new Uint8Array(core.memory.buffer, address, bytes.length).set(bytes);
  const result = use(address, bytes.length);
  core.cotext_free(address);
  return result;
}

const isValid = (core, bytes) => withBytes(core, bytes, core.cotext_utf8_is_valid) === 1;

function measure(core, text) {
  const metrics = core.cotext_alloc(32);
  const bytes = new TextEncoder().encode(text);
  const error = withBytes(core, bytes, (address, size) =>
    core.cotext_utf8_measure(address, size, metrics));
  assert.equal(error, 0);
  // Not before the call, which may have grown the memory and so detached older views.
  const result = [...new BigUint64Array(core.memory.buffer, metrics, 4)].map(Number);
  core.cotext_free(metrics);
  return result;
}

test("the module is small", () => {
  const size = gzipSync(bytes, { level: 9 }).length;
  console.log(`${bytes.length} bytes, ${size} gzipped`);
  assert.ok(size <= kGzippedBytesMax, `${size} bytes gzipped`);
});

test("the module imports nothing", () => {
  assert.deepEqual(WebAssembly.Module.imports(module), []);
});

test("every exported function belongs to cotext or to the loader", () => {
  const names = WebAssembly.Module.exports(module).map((item) => item.name);
  for (const name of names) assert.match(name, /^(cotext_[a-z0-9_]+|memory|_initialize)$/);
});

test("a packet's checksum is what docs/PROTOCOL.md works out", () => {
  const core = instantiate();
  const hash = (bytes) => BigInt.asUintN(64, withBytes(core, bytes, core.cotext_xxh64));
  assert.equal(hash(new Uint8Array(0)), 0xef46db3751d8e999n);
  // Its first example: a hello in a packet of its own.
  const hello = Uint8Array.from(Buffer.from("0a1008011001320a636f7465787420312e30", "hex"));
  assert.equal(hash(hello), 0x87ff7b7fa6614978n);
  const summed = new BigUint64Array([0n, 0n, 0n, hash(hello)]);
  assert.equal(hash(new Uint8Array(summed.buffer)) & 0xffffffffn, 0x178a59f8n);
});

test("text is measured as JavaScript measures it", () => {
  const core = instantiate();
  const samples = ["", "a", "\r\n\n", "é", "漢字", "😀", "e\u0301 👩‍👩‍👧‍👦\n".repeat(500)];
  for (const text of samples) {
    assert.deepEqual(measure(core, text), [
      new TextEncoder().encode(text).length,
      [...text].length,
      text.length,
      text.split("\n").length - 1,
    ]);
  }
});

test("validation agrees with TextDecoder on every pair of lead and next byte", () => {
  const core = instantiate();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decodes = (bytes) => {
    try {
      decoder.decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  for (let lead = 0x70; lead < 0x100; ++lead) {
    for (let next = 0x70; next < 0xd0; ++next) {
      for (const tail of [[], [0x80], [0xbf, 0x80]]) {
        const bytes = Uint8Array.from([lead, next, ...tail]);
        assert.equal(isValid(core, bytes), decodes(bytes), `bytes ${bytes}`);
      }
    }
  }
});

test("text that is not UTF-8 is an error, not a trap", () => {
  const core = instantiate();
  const metrics = core.cotext_alloc(32);
  const error = withBytes(core, Uint8Array.of(0xed, 0xa0, 0x80), (address, size) =>
    core.cotext_utf8_measure(address, size, metrics));
  assert.equal(error, kInvalidUtf8);
  assert.equal(core.cotext_trap_reason(), 0);
});

test("a failed check traps and says where", () => {
  const core = instantiate();
  const misaligned = core.cotext_alloc(40) + 1;
  assert.throws(() => core.cotext_utf8_measure(0, 0, misaligned), WebAssembly.RuntimeError);
  assert.equal(core.cotext_trap_reason(), kCheckFailed);
  const file = new Uint8Array(core.memory.buffer, core.cotext_trap_file());
  const name = new TextDecoder().decode(file.slice(0, file.indexOf(0)));
  assert.equal(name, "bindings/js/core_exports.cc");
  assert.ok(core.cotext_trap_line() > 0);
});

test("memory that cannot be had is null", () => {
  const core = instantiate();
  assert.equal(core.cotext_alloc(0xf0000000), 0);
  assert.notEqual(core.cotext_alloc(1 << 20), 0);
});

test("text larger than the memory makes it grow", () => {
  const core = instantiate();
  const before = core.memory.buffer.byteLength;
  assert.equal(isValid(core, new Uint8Array(2 * before).fill(0x61)), true);
  assert.ok(core.memory.buffer.byteLength > 2 * before);
});
