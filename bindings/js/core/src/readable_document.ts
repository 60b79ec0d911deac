import { Reader } from "./bytes.js";
import type { Core } from "./core.js";
import { type Delta, readDelta, toUtf16 } from "./delta.js";
import type { Dispatcher } from "./dispatcher.js";
import { CotextError } from "./errors.js";

/** "rga" merges with any other copy; "ot" needs a server, which orders edits. */
export type Engine = "rga" | "ot";

/** What becomes of a position when text is inserted exactly there: it stays before it, or after. */
export type Bias = "before" | "after";

/** Text in [index, index + length) that one writer wrote, from operation `counter` on. */
export interface BlameRange {
  readonly index: number;
  readonly length: number;
  readonly writer: number;
  readonly counter: number;
}

/** Units of offsets (bindings/c/cotext_document.h). @internal */
export const codePoints = 0;
/** @internal */
export const utf16 = 2;

const biasNumbers = { before: 0, after: 1 } as const;
/** @internal */
export const anchorBytesMax = 32;

/** @internal */
export interface Handle {
  readonly core: Core;
  readonly address: number;
}

const finalizers = new FinalizationRegistry<Handle>(({ core, address }) => {
  if (!core.isLost) core.wasm.cotext_document_free!(address);
});

/** @internal */
export function toOffset(value: number, what: string): bigint {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new CotextError("out_of_range", `${what} is ${value}, no count of UTF-16 units`);
  }
  return BigInt(value);
}

/** What can be asked of a document. */
export abstract class ReadableDocument {
  readonly engine: Engine;

  readonly #core: Core;
  readonly #dispatcher: Dispatcher;
  readonly #address: number;
  #isFreed = false;

  /** @internal */
  constructor(core: Core, dispatcher: Dispatcher, address: number, engine: Engine) {
    this.#core = core;
    this.#dispatcher = dispatcher;
    this.#address = address;
    this.engine = engine;
    finalizers.register(this, { core, address }, this);
  }

  /** The address in the module's memory. @internal */
  get address(): number {
    if (this.#isFreed) throw new CotextError("disposed", "the document was freed");
    return this.#address;
  }

  /** @internal */
  get core(): Core {
    return this.#core;
  }

  /** @internal */
  get dispatcher(): Dispatcher {
    return this.#dispatcher;
  }

  /** @internal */
  protected get isFreed(): boolean {
    return this.#isFreed;
  }

  /** @internal */
  protected release(): void {
    this.#isFreed = true;
    finalizers.unregister(this);
    if (!this.#core.isLost) this.#core.wasm.cotext_document_free!(this.#address);
  }

  /** @internal */
  protected withBytes(bytes: Uint8Array, use: (address: number, size: number) => number): void {
    const mark = this.#core.mark();
    try {
      const address = this.#core.put(bytes);
      this.#core.check(use(address, bytes.length));
    } finally {
      this.#core.release(mark);
    }
  }

  /** @internal */
  protected withName(name: string, use: (address: number, size: number) => number): void {
    const mark = this.#core.mark();
    try {
      const address = this.#core.putText(name);
      this.#core.check(use(address, this.#core.size));
    } finally {
      this.#core.release(mark);
    }
  }

  /** @internal */
  protected convert(from: number, at: number, to: number): number {
    const core = this.#core;
    core.check(
      core.wasm.cotext_document_convert!(this.address, from, toOffset(at, "index"), to, core.out),
    );
    return core.outNumber64();
  }

  // Reading.

  /** How many UTF-16 units the text has. */
  get length(): number {
    return this.#core.wasm.cotext_js_length!(this.address) >>> 0;
  }

  toString(): string {
    this.#core.check(this.#core.wasm.cotext_document_text!(this.address, this.#core.out));
    return this.#core.takeText();
  }

  toJSON(): string {
    return this.toString();
  }

  /** The whole text as one insert. */
  toDelta(): Delta {
    const text = this.toString();
    return text === "" ? [] : [{ insert: text }];
  }

  /** The text in [begin, end), by default to its end. */
  slice(begin: number, end: number = this.length): string {
    this.#core.check(
      this.#core.wasm.cotext_document_slice!(
        this.address,
        utf16,
        toOffset(begin, "begin"),
        toOffset(end, "end"),
        this.#core.out,
      ),
    );
    return this.#core.takeText();
  }

  // Anchors.

  /** A position that survives edits, as bytes that may be kept, and sent to other copies (RGA). */
  createAnchor(index: number, bias: Bias = "after"): Uint8Array<ArrayBuffer> {
    const core = this.#core;
    const at = core.out;
    core.check(
      core.wasm.cotext_document_anchor!(
        this.address,
        utf16,
        toOffset(index, "index"),
        biasNumbers[bias],
        at,
      ),
    );
    const size = core.bytes()[at + anchorBytesMax]!;
    return core.bytes().slice(at, at + size) as Uint8Array<ArrayBuffer>;
  }

  /** Where an anchor is now. */
  resolveAnchor(anchor: Uint8Array): number {
    const core = this.#core;
    const mark = core.mark();
    try {
      const at = core.put(anchor);
      core.check(
        core.wasm.cotext_document_resolve!(this.address, at, anchor.length, utf16, core.out),
      );
    } finally {
      core.release(mark);
    }
    return core.outNumber64();
  }

  // Versions.

  /** Which edits are here: a version, also for the calls of history below. */
  encodeStateVector(): Uint8Array<ArrayBuffer> {
    this.#core.check(this.#core.wasm.cotext_document_version!(this.address, this.#core.out));
    return this.#core.takeBuffer();
  }

  /** What a copy lacks that has this state vector; without one, everything. */
  encodeStateAsUpdate(stateVector: Uint8Array = new Uint8Array(0)): Uint8Array<ArrayBuffer> {
    this.withBytes(stateVector, (at, size) =>
      this.#core.wasm.cotext_document_encode_since!(this.address, at, size, this.#core.out),
    );
    return this.#core.takeBuffer();
  }

  // Identity.

  /** Who edits this copy. */
  get writer(): number {
    this.#core.check(this.#core.wasm.cotext_document_writer!(this.address, this.#core.out));
    return this.#core.outNumber64();
  }

  /** 16 bytes that all copies have in common: zero until a server gave them, or they were set. */
  get id(): Uint8Array<ArrayBuffer> {
    this.#core.check(this.#core.wasm.cotext_document_id!(this.address, this.#core.out));
    return this.#core.bytes().slice(this.#core.out, this.#core.out + 16) as Uint8Array<ArrayBuffer>;
  }

  // History. RGA.

  textAt(version: Uint8Array): string {
    this.withBytes(version, (at, size) =>
      this.#core.wasm.cotext_document_text_at!(this.address, at, size, this.#core.out),
    );
    return this.#core.takeText();
  }

  /** The delta from the text at one version to that at another, by default now. */
  diff(from: Uint8Array, to: Uint8Array = this.encodeStateVector()): Delta {
    const core = this.#core;
    const mark = core.mark();
    try {
      const first = core.put(from);
      const second = core.put(to);
      core.check(core.wasm.cotext_js_diff!(this.address, first, from.length, second, to.length));
    } finally {
      core.release(mark);
    }
    const { delta } = readDelta(new Reader(core.notes("cotext_js_shown")));
    return toUtf16(delta, this.textAt(from));
  }

  /** Who wrote the text in [begin, end): ranges in order, side by side. */
  blame(begin = 0, end: number = this.length): BlameRange[] {
    this.#core.check(
      this.#core.wasm.cotext_js_blame!(
        this.address,
        toOffset(begin, "begin"),
        toOffset(end, "end"),
      ),
    );
    const reader = new Reader(this.#core.notes("cotext_js_shown"));
    const ranges: BlameRange[] = [];
    while (!reader.done) {
      const first = reader.number64();
      const index = this.convert(codePoints, first, utf16);
      const length = this.convert(codePoints, first + reader.number64(), utf16) - index;
      const counter = reader.number64();
      ranges.push({ index, length, writer: reader.number64(), counter });
    }
    return ranges;
  }

  versionNamed(name: string): Uint8Array<ArrayBuffer> {
    this.withName(name, (at, size) =>
      this.#core.wasm.cotext_document_version_named!(this.address, at, size, this.#core.out),
    );
    return this.#core.takeBuffer();
  }

  versionNames(): string[] {
    this.#core.check(this.#core.wasm.cotext_js_version_names!(this.address));
    const reader = new Reader(this.#core.notes("cotext_js_shown"));
    const names: string[] = [];
    while (!reader.done) names.push(reader.text());
    return names;
  }

  /** The version below which the history was dropped. */
  get horizon(): Uint8Array<ArrayBuffer> {
    this.#core.check(this.#core.wasm.cotext_document_horizon!(this.address, this.#core.out));
    return this.#core.takeBuffer();
  }
}
