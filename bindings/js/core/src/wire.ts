import { type DescMessage, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

import type { Core } from "./core.js";
import { type Message as Frame, MessageSchema } from "./cotext_pb.js";
import { CotextError } from "./errors.js";
import type { Message, Packet } from "./session.js";

// Packets as bytes, in the protobuf of proto/cotext.proto; proto/wire.h is the same in C++.

const packetBytesMax = (1 << 20) + (1 << 16);
const messagesMax = 4096;
const stringBytesMax = 1 << 20;
// What numbers and tags of a message take at most, and room for fields of later versions.
const frameBytesMax = 1 << 14;
const enumMax = 0x7fff_ffff;
const codeMax = 0xffff_ffff;
const numbersOfMessage = 6;
const noBytes = new Uint8Array(0);

// A packet's fields.
const firstField = 1;
const receivedField = 2;
const againField = 3;
const checksumField = 4;
const messagesField = 5;

/** Which fields of a kind are the numbers and strings of a Message, in order. */
interface Mapping {
  readonly numbers: readonly string[];
  readonly bytes: readonly string[];
}

/** Two numbers, the higher half of the id first. */
const documentId = "documentId";

// A kind of the schema that is missing here does not compile.
type KindName = NonNullable<Frame["kind"]["case"]>;
const mappings: Readonly<Record<KindName, Mapping>> = {
  hello: {
    numbers: ["oldestVersion", "newestVersion", "capabilities", "received"],
    bytes: ["token", "agent"],
  },
  welcome: {
    numbers: ["version", "capabilities", "session", "received", "messageBytesMax", "expiryMs"],
    bytes: ["token", "user"],
  },
  leave: { numbers: [], bytes: [] },
  goingAway: { numbers: ["retryAfterMs"], bytes: [] },
  ping: { numbers: ["value"], bytes: [] },
  pong: { numbers: ["value"], bytes: [] },
  error: { numbers: ["code", "request", "retryAfterMs"], bytes: ["text"] },
  open: {
    numbers: ["request", "engine", "writer", documentId, documentId],
    bytes: ["name", "version"],
  },
  opened: {
    numbers: ["request", "engine", "rights", documentId, documentId, "horizon"],
    bytes: ["version"],
  },
  close: { numbers: [], bytes: [] },
  rights: { numbers: ["rights"], bytes: [] },
  ack: { numbers: ["level", "writer", "upto", "revision"], bytes: [] },
  request: { numbers: [], bytes: ["version"] },
  writer: { numbers: ["writer"], bytes: ["user"] },
  update: { numbers: [], bytes: ["update"] },
  version: { numbers: [], bytes: ["version"] },
  base: { numbers: ["offset", "total"], bytes: ["piece"] },
  submit: { numbers: ["client", "seq", "base"], bytes: ["operation"] },
  commit: { numbers: ["revision", "client", "seq"], bytes: ["operation"] },
  refusal: { numbers: ["client", "seq", "code", "horizon", "revision"], bytes: [] },
  snapshot: { numbers: ["revision", "offset", "total"], bytes: ["piece"] },
  hash: { numbers: ["revision", "hash"], bytes: [] },
  join: { numbers: ["session"], bytes: ["user", "state"] },
  part: { numbers: ["session"], bytes: [] },
  presence: { numbers: ["session"], bytes: ["state"] },
  typing: { numbers: ["session", "isTyping"], bytes: [] },
};

interface Kind {
  readonly name: string;
  readonly number: number;
  readonly schema: DescMessage;
  readonly mapping: Mapping;
}

// A kind is a field of the frame, and its number that field's.
const kinds: readonly Kind[] = MessageSchema.fields.flatMap((field) =>
  field.fieldKind === "message"
    ? [
        {
          name: field.localName,
          number: field.number,
          schema: field.message,
          mapping: mappings[field.localName as KindName],
        },
      ]
    : [],
);
const kindsByNumber = new Map(kinds.map((kind) => [kind.number, kind]));
const kindsByName = new Map(kinds.map((kind) => [kind.name, kind]));

type Value = bigint | number | boolean | Uint8Array;
type Fields = Record<string, Value>;

function bad(words: string): CotextError {
  return new CotextError("bad_message", words);
}

// Document ids.

function joinId(high: bigint, low: bigint): Uint8Array {
  if (high === 0n && low === 0n) return noBytes;
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, high);
  view.setBigUint64(8, low);
  return bytes;
}

function splitId(bytes: Uint8Array): [high: bigint, low: bigint] {
  if (bytes.length === 0) return [0n, 0n];
  if (bytes.length !== 16) throw bad("a document's id is not of 16 bytes");
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return [view.getBigUint64(0), view.getBigUint64(8)];
}

// Messages.

function toField(name: string, sample: Value, number: bigint): Value {
  if (typeof sample === "bigint") return number;
  if (typeof sample === "boolean") return number !== 0n;
  const max = name === "code" ? codeMax : enumMax;
  return number > max ? max : Number(number);
}

function fromField(value: Value): bigint {
  if (typeof value === "boolean") return value ? 1n : 0n;
  // Of an enumeration, a value that no number stands for.
  if (typeof value === "number" && value < 0) return BigInt(enumMax);
  return BigInt(value as bigint | number);
}

function encodeMessage(message: Message): Uint8Array {
  const kind = kindsByNumber.get(message.kind);
  if (kind === undefined) return toBinary(MessageSchema, create(MessageSchema, { channel: message.channel }));
  const value = create(kind.schema) as unknown as Fields;
  kind.mapping.numbers.forEach((name, i) => {
    const number = message.numbers[i] ?? 0n;
    if (name !== documentId) {
      value[name] = toField(name, value[name]!, number);
    } else if (kind.mapping.numbers[i + 1] === documentId) {
      value[name] = joinId(number, message.numbers[i + 1] ?? 0n);
    }
  });
  kind.mapping.bytes.forEach((name, i) => {
    value[name] = message.bytes[i] ?? noBytes;
  });
  const frame = create(MessageSchema, { channel: message.channel });
  frame.kind = { case: kind.name, value } as unknown as typeof frame.kind;
  return toBinary(MessageSchema, frame);
}

function decodeMessage(bytes: Uint8Array): Message {
  if (bytes.length > frameBytesMax + stringBytesMax) throw bad("a message is too long");
  const frame = fromBinary(MessageSchema, bytes);
  const numbers = new Array<bigint>(numbersOfMessage).fill(0n);
  const strings: Uint8Array[] = [noBytes, noBytes];
  const kind = kindsByName.get(frame.kind.case ?? "");
  // One of a later version counts, and does nothing.
  if (kind === undefined) return { kind: 0, channel: frame.channel, numbers, bytes: strings };
  const value = frame.kind.value as unknown as Fields;
  kind.mapping.numbers.forEach((name, i) => {
    if (name !== documentId) {
      numbers[i] = fromField(value[name]!);
    } else if (kind.mapping.numbers[i + 1] === documentId) {
      [numbers[i], numbers[i + 1]] = splitId(value[name] as Uint8Array);
    }
  });
  kind.mapping.bytes.forEach((name, i) => {
    strings[i] = value[name] as Uint8Array;
  });
  if (strings[0]!.length + strings[1]!.length > stringBytesMax) {
    throw bad("the strings of a message are too long");
  }
  return { kind: kind.number, channel: frame.channel, numbers, bytes: strings };
}

// Packets.

function checksumOf(core: Core, head: Omit<Packet, "messages">, bodies: readonly Uint8Array[]): number {
  const numbers = new Uint8Array(24 + 8 * bodies.length);
  const view = new DataView(numbers.buffer);
  view.setBigUint64(0, head.first, true);
  view.setBigUint64(8, head.received, true);
  view.setBigUint64(16, head.again ? 1n : 0n, true);
  bodies.forEach((body, i) => view.setBigUint64(24 + 8 * i, core.hash(body), true));
  return Number(core.hash(numbers) & 0xffff_ffffn);
}

/** @internal */
export function encodePacket(core: Core, packet: Packet): Uint8Array<ArrayBuffer> {
  const bodies = packet.messages.map(encodeMessage);
  const writer = new BinaryWriter();
  if (packet.first !== 0n) writer.tag(firstField, WireType.Varint).uint64(packet.first);
  if (packet.received !== 0n) writer.tag(receivedField, WireType.Varint).uint64(packet.received);
  if (packet.again) writer.tag(againField, WireType.Varint).bool(true);
  writer.tag(checksumField, WireType.Bit32).fixed32(checksumOf(core, packet, bodies));
  for (const body of bodies) writer.tag(messagesField, WireType.LengthDelimited).bytes(body);
  return writer.finish() as Uint8Array<ArrayBuffer>;
}

/** Throws "bad_message" if the bytes are none. @internal */
export function decodePacket(core: Core, bytes: Uint8Array): Packet {
  if (bytes.length > packetBytesMax) throw bad("a packet is too long");
  const head = { first: 0n, received: 0n, again: false };
  let checksum: number | undefined;
  const bodies: Uint8Array[] = [];
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      const known = type === WireType.Varint;
      if (field === firstField && known) head.first = BigInt(reader.uint64());
      else if (field === receivedField && known) head.received = BigInt(reader.uint64());
      else if (field === againField && known) head.again = reader.bool();
      else if (field === checksumField && type === WireType.Bit32) checksum = reader.fixed32();
      else if (field === messagesField && type === WireType.LengthDelimited) {
        bodies.push(reader.bytes());
      } else if (type === WireType.StartGroup || type === WireType.EndGroup) {
        throw bad("a packet is malformed");
      } else reader.skip(type, field);
      if (bodies.length > messagesMax) throw bad("a packet has too many messages");
    }
    if (checksum !== checksumOf(core, head, bodies)) throw bad("a packet has a wrong checksum");
    return { ...head, messages: bodies.map(decodeMessage) };
  } catch (error) {
    if (error instanceof CotextError) throw error;
    throw new CotextError("bad_message", "a packet is malformed", { cause: error });
  }
}
