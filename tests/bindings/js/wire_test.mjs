// The mapping of messages to protobuf: what C++ writes, to the byte, and what it refuses.
// Usage: node wire_test.mjs golden_frames.json
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { load } from "@cotext/core";

import { MessageSchema } from "./node_modules/@cotext/core/dist/cotext_pb.js";
import { decodePacket, encodePacket } from "./node_modules/@cotext/core/dist/wire.js";
import { joinFrames, splitFrames } from "./node_modules/@cotext/core/dist/poll_transport.js";
import { Random } from "./random.mjs";

const { core } = await load();
const golden = JSON.parse(readFileSync(process.argv[2], "utf8")).map((frame) => ({
  ...frame,
  bytes: Uint8Array.from(Buffer.from(frame.packet, "hex")),
  value: {
    first: BigInt(frame.head.first),
    received: BigInt(frame.head.received),
    again: frame.head.again,
    messages: frame.messages.map((message) => ({
      kind: message.kind,
      channel: BigInt(message.channel),
      numbers: message.numbers.map(BigInt),
      bytes: message.bytes.map((hex) => Uint8Array.from(Buffer.from(hex, "hex"))),
    })),
  },
}));

// Buffers of any kind are bytes.
const plain = (packet) => ({
  ...packet,
  messages: packet.messages.map((message) => ({
    ...message,
    bytes: message.bytes.map((bytes) => Buffer.from(bytes).toString("hex")),
  })),
});

const kindsOfSchema = MessageSchema.fields.filter(({ fieldKind }) => fieldKind === "message");

// C++ writes these frames, too: a kind that is new in the schema fails here until it is mapped.
test("there are golden frames of every kind of the schema, which are written too, and of no other", () => {
  const written = golden.filter((frame) => !frame.decode_only);
  const kinds = (frames) =>
    [...new Set(frames.flatMap(({ messages }) => messages.map(({ kind }) => kind)))]
      .filter((kind) => kind !== 0)
      .sort((a, b) => a - b);
  const known = kindsOfSchema.map(({ number }) => number).sort((a, b) => a - b);
  assert.ok(known.length >= 26);
  assert.deepEqual(kinds(written), known);
  assert.deepEqual(kinds(golden), known);
});

test("every field of every kind comes back", () => {
  for (const { number: kind, message: schema } of kindsOfSchema) {
    const full = {
      kind,
      channel: 9n,
      numbers: [1n, 1n, 1n, 1n, 1n, 1n],
      bytes: [Uint8Array.of(1), Uint8Array.of(2)],
    };
    const packet = (message) => ({ first: 1n, received: 0n, again: false, messages: [message] });
    const encoded = encodePacket(core, packet(full));
    const [read] = decodePacket(core, encoded).messages;
    assert.equal(read.kind, kind);
    assert.equal(read.channel, 9n);
    // A document's id is one field and two numbers.
    const fields = schema.fields.length + (schema.fields.some(({ name }) => name === "document_id") ? 1 : 0);
    const held = [...read.numbers.filter((number) => number !== 0n), ...read.bytes.filter(({ length }) => length > 0)];
    assert.equal(held.length, fields, schema.name);
    assert.deepEqual(encodePacket(core, packet(read)), encoded);
  }
});

for (const { name, bytes, value, decode_only: isOnlyRead } of golden) {
  test(`golden frame: ${name}`, () => {
    assert.deepEqual(plain(decodePacket(core, bytes)), plain(value));
    if (!isOnlyRead) assert.deepEqual(Buffer.from(encodePacket(core, value)), Buffer.from(bytes));
  });
}

// `again` may be any number but 0, and what a reader does not know may be missing.
function refusesOrMeansTheSame(bytes, value) {
  let decoded;
  try {
    decoded = decodePacket(core, bytes);
  } catch (error) {
    assert.equal(error.code, "bad_message");
    return;
  }
  assert.deepEqual(plain(decoded), plain(value));
}

test("a packet with any byte changed, or cut off anywhere, is a bad message or means the same", () => {
  for (const { bytes, value } of golden) {
    for (let i = 0; i < bytes.length; ++i) {
      const changed = bytes.slice();
      changed[i] ^= 0x41;
      refusesOrMeansTheSame(changed, value);
      refusesOrMeansTheSame(bytes.slice(0, i), value);
    }
  }
});

test("a packet without a checksum, or with a document's id of another size, is a bad message", () => {
  assert.throws(() => decodePacket(core, new Uint8Array(0)), { code: "bad_message" });
  // Open with an id of 3 bytes, in a packet with the right checksum.
  const open = Uint8Array.from([0xa2, 0x01, 0x05, 0x22, 0x03, 1, 2, 3]);
  const sums = new DataView(new ArrayBuffer(32));
  sums.setBigUint64(24, core.hash(open), true);
  const checksum = core.hash(new Uint8Array(sums.buffer)) & 0xffff_ffffn;
  const packet = new Uint8Array([0x25, 0, 0, 0, 0, 0x2a, open.length, ...open]);
  new DataView(packet.buffer).setUint32(1, Number(checksum), true);
  assert.throws(() => decodePacket(core, packet), { code: "bad_message", message: /16 bytes/ });
});

test("random bytes are bad messages, whatever they are", () => {
  const random = new Random(1);
  for (let i = 0; i < 2000; ++i) {
    const bytes = Uint8Array.from({ length: random.below(40) }, () => random.below(256));
    assert.throws(() => decodePacket(core, bytes), { code: "bad_message" });
  }
});

test("more than a packet may have is a bad message", () => {
  const empty = { kind: 0, channel: 0n, numbers: [], bytes: [] };
  const packet = (count) => ({
    first: 1n,
    received: 0n,
    again: false,
    messages: Array.from({ length: count }, () => empty),
  });
  assert.equal(decodePacket(core, encodePacket(core, packet(4096))).messages.length, 4096);
  assert.throws(() => decodePacket(core, encodePacket(core, packet(4097))), { code: "bad_message" });
  const update = (size) => ({
    ...packet(0),
    messages: [{ kind: 40, channel: 1n, numbers: [], bytes: [new Uint8Array(size)] }],
  });
  decodePacket(core, encodePacket(core, update(1 << 20)));
  assert.throws(() => decodePacket(core, encodePacket(core, update((1 << 20) + 1))), {
    code: "bad_message",
  });
  assert.throws(() => decodePacket(core, new Uint8Array(1_114_113)), { code: "bad_message" });
});

test("frames of a body come apart as they were put together", () => {
  const frames = [0, 1, 127, 128, 16_383, 16_384, 100_000].map((size) => new Uint8Array(size).fill(size));
  const body = joinFrames(frames);
  assert.deepEqual(splitFrames(body).map((frame) => frame.length), frames.map((frame) => frame.length));
  splitFrames(body).forEach((frame, i) => assert.equal(Buffer.compare(frame, frames[i]), 0));
  assert.throws(() => splitFrames(body.subarray(0, body.length - 1)), { code: "bad_message" });
  assert.throws(() => splitFrames(Uint8Array.of(0x80)), { code: "bad_message" });
  assert.throws(() => splitFrames(Uint8Array.of(0x81, 0x00, 1)), { code: "bad_message" });
  assert.throws(() => splitFrames(Uint8Array.of(0xff, 0xff, 0xff, 0x7f)), { code: "too_large" });
  assert.throws(() => splitFrames(new Uint8Array(1025)), { code: "too_large" });
});
