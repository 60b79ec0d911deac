import { decodeText } from "./bytes.js";
import { CotextError } from "./errors.js";

type Value = number | bigint;
type Call = (...values: Value[]) => number;

/** What the module exports; bindings/js/exports.bzl says which functions, bindings/c/cotext_document.h and cotext_session.h what they do. */
export interface Exports {
  readonly [name: string]: Call;
}

// Reasons of traps, by number (bindings/js/rt.cc).
const trapCodes = ["trapped", "check_failed", "out_of_memory", "aborted", "threw"];
const trapWords: Record<string, string> = {
  trapped: "the module trapped, which is a bug of cotext, or the stack overflowed",
  check_failed: "a check failed, which is a bug of cotext",
  out_of_memory: "there is no more memory for the module",
  aborted: "the module aborted, which is a bug of cotext",
  threw: "the module would have thrown, which is a bug of cotext",
};

// Room for the arguments of most calls; longer ones get memory of their own.
const scratchBytes = 1 << 16;
// Up to so many characters, writing them one by one is faster than calling the encoder.
const shortTextUnits = 64;
const outBytes = 64;
// What the module may have at most (bindings/js/wasm.bzl).
const memoryBytesMax = 2 ** 31;
const encoder = new TextEncoder();

/** Throws if a text has half of a surrogate pair, which no UTF-8 can say. */
function checkWellFormed(text: string): void {
  const known = (text as { isWellFormed?: () => boolean }).isWellFormed;
  if (known !== undefined ? known.call(text) : !/\p{Surrogate}/u.test(text)) return;
  throw new CotextError("invalid_utf8", "the text has half of a surrogate pair");
}

/**
 * One instance of the module, and its memory. Arguments lie in memory from `mark` until `release`:
 *
 *     const mark = core.mark();
 *     try {
 *       const address = core.putText(text);
 *       core.check(core.wasm.cotext_something!(address, core.size));
 *     } finally {
 *       core.release(mark);
 *     }
 *
 * @internal
 */
export class Core {
  /** The exports, each of which throws a CotextError if the module traps. */
  readonly wasm: Exports;
  /** Where calls put what they return. */
  readonly out: number;
  /** How many bytes what was put last takes. */
  size = 0;

  readonly #raw: WebAssembly.Exports;
  readonly #memory: WebAssembly.Memory;
  readonly #replace: Call;
  readonly #scratch: number;
  #used = 0;
  #longArguments: number[] = [];
  #view: DataView;
  #bytes: Uint8Array;
  #loss: CotextError | undefined;

  constructor(instance: WebAssembly.Instance) {
    this.#raw = instance.exports;
    this.#memory = instance.exports.memory as WebAssembly.Memory;
    this.#replace = instance.exports.cotext_js_replace as Call;
    const wasm: Record<string, Call> = {};
    for (const [name, value] of Object.entries(instance.exports)) {
      if (typeof value === "function") wasm[name] = this.#guarded(value as Call);
    }
    this.wasm = wasm;
    this.wasm._initialize!();
    this.#view = new DataView(this.#memory.buffer);
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#scratch = this.#allocate(scratchBytes);
    this.out = this.#allocate(outBytes);
  }

  get isLost(): boolean {
    return this.#loss !== undefined;
  }

  #guarded(call: Call): Call {
    return (...values) => {
      this.#checkLives();
      try {
        return call(...values);
      } catch (error) {
        // The module calls no JavaScript: whatever it throws is a trap.
        if (error instanceof TypeError) throw error;
        throw this.#lose(error);
      }
    };
  }

  #checkLives(): void {
    if (this.#loss === undefined) return;
    throw new CotextError("instance_lost", "the module has trapped; load another one", {
      cause: this.#loss,
    });
  }

  #lose(cause: unknown): CotextError {
    const reason = (this.#raw.cotext_trap_reason as Call)();
    const code = trapCodes[reason] ?? "trapped";
    let words = trapWords[code]!;
    const file = (this.#raw.cotext_trap_file as Call)();
    if (file !== 0) {
      const bytes = new Uint8Array(this.#memory.buffer);
      const name = decodeText(bytes.slice(file, bytes.indexOf(0, file)));
      words += ` (${name}:${(this.#raw.cotext_trap_line as Call)()})`;
    }
    this.#loss = new CotextError(code, words, { cause });
    return this.#loss;
  }

  /** Throws unless the status is that of success. */
  check(status: number): void {
    if (status !== 0) throw this.error(status);
  }

  error(status: number): CotextError {
    return new CotextError(this.statusName(status), this.#zeroEnded(this.wasm.cotext_last_error!()));
  }

  statusName(status: number): string {
    return this.#zeroEnded(this.wasm.cotext_status_name!(status));
  }

  #zeroEnded(address: number): string {
    const bytes = this.bytes();
    return decodeText(bytes.slice(address, bytes.indexOf(0, address)));
  }

  // Memory. Views do not outlive a call, which may make the memory grow: that detaches its buffer,
  // and what was a view of it has no bytes any more. Asking the memory for its buffer takes longer.

  view(): DataView {
    if (this.#bytes.length === 0) this.#viewAnew();
    return this.#view;
  }

  bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#viewAnew();
    return this.#bytes;
  }

  #viewAnew(): void {
    this.#view = new DataView(this.#memory.buffer);
    this.#bytes = new Uint8Array(this.#memory.buffer);
  }

  #allocate(size: number): number {
    const address = size > memoryBytesMax ? 0 : this.wasm.cotext_alloc!(size) >>> 0;
    if (address === 0) throw new CotextError("out_of_memory", `there is no memory for ${size} bytes`);
    return address;
  }

  // Arguments.

  mark(): number {
    return this.#used;
  }

  release(mark: number): void {
    this.#used = mark;
    // Only the outermost has any that are long, or nobody minds that they stay until then.
    if (mark !== 0 || this.#longArguments.length === 0) return;
    const addresses = this.#longArguments;
    this.#longArguments = [];
    if (this.isLost) return;
    for (const address of addresses) this.wasm.cotext_free!(address);
  }

  /** Returns the address of `size` bytes, aligned for any struct; what is there is unknown. */
  reserve(size: number): number {
    this.size = size;
    const rounded = 8 * Math.ceil(size / 8);
    if (rounded > scratchBytes - this.#used) {
      const address = this.#allocate(size);
      this.#longArguments.push(address);
      return address;
    }
    this.#used += rounded;
    return this.#scratch + this.#used - rounded;
  }

  put(bytes: Uint8Array): number {
    const address = this.reserve(bytes.length);
    this.bytes().set(bytes, address);
    return address;
  }

  putText(text: string): number {
    checkWellFormed(text);
    // A unit takes at most three bytes.
    const address = this.reserve(3 * text.length);
    const room = this.bytes().subarray(address, address + 3 * text.length);
    this.size = encoder.encodeInto(text, room).written;
    return address;
  }

  /**
   * Puts a text in place of the units [begin, end) of a document and returns the status; both are
   * below 2^32. Every keystroke calls this, so that it takes nothing that costs as much as the edit
   * itself: numbers of 64 bits, the encoder, closures.
   */
  replace(document: number, begin: number, end: number, text: string): number {
    const size = this.#putShort(text);
    if (size < 0) return this.#replaceByLong(document, begin, end, text);
    this.#checkLives();
    try {
      return this.#replace(document, begin, end, this.#scratch + this.#used, size);
    } catch (error) {
      throw this.#lose(error);
    }
  }

  /** Writes a short text of ASCII where the next argument goes; returns its bytes, or -1. */
  #putShort(text: string): number {
    const { length } = text;
    if (length > shortTextUnits || length > scratchBytes - this.#used) return -1;
    const bytes = this.bytes();
    const at = this.#scratch + this.#used;
    for (let i = 0; i < length; ++i) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return -1;
      bytes[at + i] = unit;
    }
    return length;
  }

  #replaceByLong(document: number, begin: number, end: number, text: string): number {
    const mark = this.mark();
    try {
      const at = this.putText(text);
      return this.wasm.cotext_js_replace!(document, begin, end, at, this.size);
    } finally {
      this.release(mark);
    }
  }

  // Results.

  outNumber32(): number {
    return this.view().getUint32(this.out, true);
  }

  outNumber64(): number {
    return Number(this.view().getBigUint64(this.out, true));
  }

  /** Returns the bytes of a cotext_bytes or cotext_buffer. */
  bytesAt(address: number): Uint8Array<ArrayBuffer> {
    const data = this.view().getUint32(address, true);
    const size = this.view().getUint32(address + 4, true);
    return this.bytes().slice(data, data + size) as Uint8Array<ArrayBuffer>;
  }

  /** Returns the bytes of the cotext_buffer at `out`, which is freed. */
  takeBuffer(): Uint8Array<ArrayBuffer> {
    const bytes = this.bytesAt(this.out);
    this.wasm.cotext_buffer_free!(this.out);
    return bytes;
  }

  takeText(): string {
    const data = this.view().getUint32(this.out, true);
    const size = this.view().getUint32(this.out + 4, true);
    const text = decodeText(this.bytes().subarray(data, data + size));
    this.wasm.cotext_buffer_free!(this.out);
    return text;
  }

  /** Returns what a function of shown_exports.cc has written down. */
  notes(which: "cotext_js_shown" | "cotext_js_changes"): Uint8Array {
    const data = this.wasm[which]!(this.out);
    return this.bytes().slice(data, data + this.outNumber32());
  }

  /** XXH64, seed 0. */
  hash(bytes: Uint8Array): bigint {
    const mark = this.mark();
    try {
      const address = this.put(bytes);
      const hash: unknown = this.wasm.cotext_xxh64!(address, bytes.length);
      return BigInt.asUintN(64, hash as bigint);
    } finally {
      this.release(mark);
    }
  }
}
