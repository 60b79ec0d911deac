import { areEqual } from "./bytes.js";
import type { Core } from "./core.js";
import { type Delta, type DeltaOperation, putDelta } from "./delta.js";
import type { Dispatcher } from "./dispatcher.js";
import { CotextError } from "./errors.js";
import {
  type Engine,
  ReadableDocument,
  anchorBytesMax,
  codePoints,
  toOffset,
  utf16,
} from "./readable_document.js";

/** Where a change came from: an edit here, another copy, or undo and redo. */
export type ChangeKind = "local" | "remote" | "undo";

/** One change of the text: that of an edit, a transaction, an update, an undo. */
export interface ChangeEvent {
  readonly target: CotextDocument;
  /** Turns the text before into the text after. */
  readonly delta: Delta;
  readonly kind: ChangeKind;
  readonly local: boolean;
  /** What `transact` or `applyUpdate` was given, the UndoManager, the client; null otherwise. */
  readonly origin: unknown;
}

export type Observer = (event: ChangeEvent) => void;
export type UpdateListener = (update: Uint8Array, origin: unknown) => void;

export interface SaveOptions {
  /** Keep what can be undone, for `open` with `undo`. */
  readonly undo?: boolean;
  /** Leave out the text that was deleted: the history cannot be read then. */
  readonly compact?: boolean;
  /** Take longer, and make it smaller. */
  readonly small?: boolean;
}

const engineNumbers = { rga: 0, ot: 1 } as const;
const kindsByNumber: readonly ChangeKind[] = ["local", "remote", "undo"];
const saveCompact = 1;
const saveSmall = 2;
const saveUndo = 4;
const anchorBytes = 33;
const noSuch = -4;

/** The label of edits that undo passes over. */
const untrackedLabel = 1n;

/** What undo wants to know of edits. @internal */
export interface EditTracker {
  tracks(origin: unknown): boolean;
  beforeEdit(): void;
}

/**
 * A text that several people edit at once, each in a copy of their own. Positions and lengths count
 * UTF-16 units, as those of JavaScript's strings do.
 *
 * Observers are called after the change, and may read and edit the document; what they do is told
 * to all of them afterwards.
 *
 * What is not needed any more should be freed (`free`, or `using`): the garbage collector does it,
 * but late.
 */
export class CotextDocument extends ReadableDocument {
  #depth = 0;
  #origin: unknown = null;
  #observers: Observer[] = [];
  #updateListeners: UpdateListener[] = [];
  readonly #editListeners = new Set<() => void>();
  #subscription: bigint | undefined;
  #toldVersion: Uint8Array | undefined;
  #tracker: EditTracker | undefined;

  /** @internal */
  constructor(core: Core, dispatcher: Dispatcher, address: number, engine: Engine) {
    super(core, dispatcher, address, engine);
    this.#trackOnly([]);
  }

  /** @internal */
  static make(core: Core, dispatcher: Dispatcher, engine: Engine, writer: number): CotextDocument {
    core.check(
      core.wasm.cotext_document_new!(engineNumbers[engine], toOffset(writer, "the writer"), core.out),
    );
    return new CotextDocument(core, dispatcher, core.outNumber32(), engine);
  }

  /** @internal */
  static load(
    core: Core,
    dispatcher: Dispatcher,
    engine: Engine,
    writer: number,
    file: Uint8Array,
  ): CotextDocument {
    const mark = core.mark();
    try {
      const address = core.put(file);
      core.check(
        core.wasm.cotext_document_load!(
          engineNumbers[engine],
          toOffset(writer, "the writer"),
          address,
          core.size,
          0,
          core.out,
        ),
      );
    } finally {
      core.release(mark);
    }
    return new CotextDocument(core, dispatcher, core.outNumber32(), engine);
  }

  // Editing.

  insert(index: number, text: string): void {
    this.#replace(index, 0, text);
  }

  delete(index: number, length: number): void {
    this.#replace(index, length, "");
  }

  /** Puts a text in place of `length` units. */
  replace(index: number, length: number, text: string): void {
    this.#replace(index, length, text);
  }

  #replace(index: number, length: number, text: string): void {
    const end = index + length;
    // What has 32 bits is whole and not negative.
    if (index >>> 0 !== index || length >>> 0 !== length || end >>> 0 !== end) {
      this.#refuseRange(index, length);
    }
    const isAlone = this.#depth === 0;
    if (isAlone && this.#tracker !== undefined) {
      this.transact(() => this.#replace(index, length, text));
      return;
    }
    const core = this.core;
    const status = core.replace(this.address, index, end, text);
    if (status !== 0) throw core.error(status);
    if (isAlone) this.#tell(null);
  }

  #refuseRange(index: number, length: number): never {
    toOffset(index, "index");
    toOffset(length, "length");
    throw new CotextError("out_of_range", `no text has ${index + length} UTF-16 units`);
  }

  /** Makes an edit as `observe` tells of it, all of it or, if it does not fit, nothing. */
  applyDelta(delta: readonly DeltaOperation[]): void {
    this.#edit((address) => {
      const core = this.core;
      const at = putDelta(core, delta, (units) => this.convert(utf16, units, codePoints));
      return core.wasm.cotext_document_apply!(address, at);
    });
  }

  /** Makes the text this one, by the smallest edits that are found. */
  setText(text: string): void {
    this.#edit((address) => {
      const at = this.core.putText(text);
      return this.core.wasm.cotext_document_set_text!(address, at, this.core.size);
    });
  }

  /**
   * Calls `edits`; what it does is one change, told to observers once, and one step of undo. If it
   * throws, what it did until then stays. Of transactions within others, the outermost counts.
   */
  transact<Result>(edits: (document: this) => Result, origin: unknown = null): Result {
    if (this.#depth > 0) return edits(this);
    this.#begin(origin);
    let result: Result;
    try {
      result = edits(this);
    } catch (error) {
      if (!this.core.isLost && !this.isFreed) this.#commit();
      throw error;
    }
    this.#commit();
    return result;
  }

  #begin(origin: unknown): void {
    this.#tracker?.beforeEdit();
    const isTracked = this.#tracker?.tracks(origin) ?? false;
    const label = isTracked ? 0n : untrackedLabel;
    this.core.check(this.core.wasm.cotext_document_begin!(this.address, label));
    this.#origin = origin;
    ++this.#depth;
  }

  #commit(): void {
    --this.#depth;
    const origin = this.#origin;
    this.#origin = null;
    this.core.check(this.core.wasm.cotext_document_commit!(this.address));
    this.#tell(origin);
  }

  /** Makes one edit, as a transaction of its own unless one is open. */
  #edit(edit: (address: number) => number): void {
    const isAlone = this.#depth === 0;
    if (isAlone && this.#tracker !== undefined) {
      // Undo wants to know of it.
      this.transact(() => this.#edit(edit));
      return;
    }
    const mark = this.core.mark();
    try {
      this.core.check(edit(this.address));
    } finally {
      this.core.release(mark);
    }
    if (isAlone) this.#tell(null);
  }

  // Observing.

  /** Calls a function after each change to the text; what is returned ends that. */
  observe(observer: Observer): () => void {
    if (this.#subscription === undefined) {
      this.core.check(this.core.wasm.cotext_js_subscribe!(this.address, this.core.out));
      this.#subscription = this.core.view().getBigUint64(this.core.out, true);
      this.dispatcher.add(this.address, this);
    }
    this.#observers = [...this.#observers, observer];
    return () => this.unobserve(observer);
  }

  unobserve(observer: Observer): void {
    this.#observers = this.#observers.filter((each) => each !== observer);
    if (this.#observers.length > 0 || this.#subscription === undefined) return;
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (this.isFreed) return;
    this.dispatcher.remove(this.address);
    this.core.check(this.core.wasm.cotext_document_unsubscribe!(this.address, subscription));
  }

  /** Calls a function with what changed after each transaction or update, for other copies. RGA. */
  on(_event: "update", listener: UpdateListener): () => void {
    if (this.engine !== "rga") {
      throw new CotextError("unsupported", "documents of OT have no updates: a server orders edits");
    }
    this.#toldVersion ??= this.encodeStateVector();
    this.#updateListeners = [...this.#updateListeners, listener];
    return () => this.off("update", listener);
  }

  off(_event: "update", listener: UpdateListener): void {
    this.#updateListeners = this.#updateListeners.filter((each) => each !== listener);
    if (this.#updateListeners.length === 0) this.#toldVersion = undefined;
  }

  /** Calls a function when something may have been edited here. @internal */
  onEdited(listener: () => void): () => void {
    this.#editListeners.add(listener);
    return () => void this.#editListeners.delete(listener);
  }

  /** Tells everybody of what has happened. */
  #tell(origin: unknown): void {
    this.dispatcher.collect(origin);
    this.tellUpdate(origin);
    if (this.#editListeners.size > 0) {
      for (const listener of this.#editListeners) this.dispatcher.enqueue(listener);
    }
    this.dispatcher.dispatch();
  }

  /** @internal */
  tellUpdate(origin: unknown): void {
    if (this.#toldVersion === undefined || this.isFreed) return;
    const version = this.encodeStateVector();
    if (areEqual(version, this.#toldVersion)) return;
    const update = this.encodeStateAsUpdate(this.#toldVersion);
    this.#toldVersion = version;
    for (const listener of this.#updateListeners) {
      this.dispatcher.enqueue(() => listener(update, origin));
    }
  }

  /** @internal */
  onChange(kind: number, delta: Delta, origin: unknown): void {
    const event: ChangeEvent = {
      target: this,
      delta,
      kind: kindsByNumber[kind]!,
      local: kindsByNumber[kind] !== "remote",
      origin,
    };
    for (const observer of this.#observers) this.dispatcher.enqueue(() => observer(event));
  }

  // Versions and merging.

  /**
   * Takes in what another copy sent, any number of times. "missing_dependency": something that
   * came before it is not here yet; apply it again once that is. What could be taken stays.
   */
  applyUpdate(update: Uint8Array, origin: unknown = null): void {
    this.#guardTransaction();
    try {
      this.withBytes(update, (at, size) =>
        this.core.wasm.cotext_document_merge!(this.address, at, size),
      );
    } finally {
      if (!this.core.isLost) this.#tell(origin);
    }
  }

  #guardTransaction(): void {
    if (this.#depth > 0) throw new CotextError("transaction_open", "inside a transaction");
  }

  // Identity and files.

  /** Goes on as another writer, as after "replica_conflict"; what could be undone no longer can. */
  setWriter(writer: number): void {
    this.core.check(
      this.core.wasm.cotext_document_set_writer!(this.address, toOffset(writer, "the writer")),
    );
  }

  setId(id: Uint8Array): void {
    this.withBytes(id, (at, size) =>
      this.core.wasm.cotext_document_set_id!(this.address, at, size),
    );
  }

  /** A copy for another writer. RGA. */
  fork(writer: number): CotextDocument {
    this.core.check(
      this.core.wasm.cotext_document_fork!(
        this.address,
        toOffset(writer, "the writer"),
        this.core.out,
      ),
    );
    return new CotextDocument(
      this.core,
      this.dispatcher,
      this.core.outNumber32(),
      this.engine,
    );
  }

  /** The document as a file, for `open`. */
  save(options: SaveOptions = {}): Uint8Array<ArrayBuffer> {
    this.#guardTransaction();
    const flags =
      (options.undo ? saveUndo : 0) +
      (options.compact ? saveCompact : 0) +
      (options.small ? saveSmall : 0);
    this.core.check(
      this.core.wasm.cotext_document_save!(this.address, flags, 0, this.core.out),
    );
    return this.core.takeBuffer();
  }

  /** What to append to a file of that version, so that it has everything. RGA. */
  saveSince(version: Uint8Array): Uint8Array<ArrayBuffer> {
    this.withBytes(version, (at, size) =>
      this.core.wasm.cotext_document_save_since!(this.address, at, size, 0, this.core.out),
    );
    return this.core.takeBuffer();
  }

  // History. RGA.

  /** Gives a version a name, which is saved with this copy. */
  nameVersion(name: string, version: Uint8Array = this.encodeStateVector()): void {
    this.withName(name, (at, size) => {
      const bytes = this.core.put(version);
      return this.core.wasm.cotext_document_name_version!(
        this.address,
        at,
        size,
        bytes,
        version.length,
      );
    });
  }

  /** Returns whether there was such a name. */
  unnameVersion(name: string): boolean {
    let wasThere = true;
    this.withName(name, (at, size) => {
      const status = this.core.wasm.cotext_document_unname_version!(this.address, at, size);
      wasThere = status !== noSuch;
      return wasThere ? status : 0;
    });
    return wasThere;
  }

  /** Drops all history below a version that every copy has passed. */
  trim(version: Uint8Array): void {
    this.withBytes(version, (at, size) =>
      this.core.wasm.cotext_document_trim!(this.address, at, size),
    );
  }

  // Undo, for UndoManager.

  /** @internal */
  setTracker(tracker: EditTracker | undefined): void {
    if (tracker !== undefined && this.#tracker !== undefined) {
      throw new CotextError("busy", "the document has an UndoManager already");
    }
    this.#tracker = tracker;
    if (this.isFreed || this.core.isLost) return;
    if (tracker === undefined) {
      this.#trackOnly([]);
    } else {
      this.#trackOnly([0n]);
    }
  }

  /** @internal */
  takeBack(what: "cotext_document_undo" | "cotext_document_redo", origin: unknown): boolean {
    this.#guardTransaction();
    const status = this.core.wasm[what]!(this.address);
    if (status !== noSuch) this.core.check(status);
    this.#tell(origin);
    return status !== noSuch;
  }

  #trackOnly(labels: readonly bigint[]): void {
    const core = this.core;
    const mark = core.mark();
    try {
      const at = core.reserve(8 * labels.length);
      labels.forEach((label, i) => core.view().setBigUint64(at + 8 * i, label, true));
      core.check(core.wasm.cotext_document_undo_track!(this.address, 1, at, labels.length));
    } finally {
      core.release(mark);
    }
  }

  /** Puts anchors into memory as an array of cotext_anchor. @internal */
  putAnchors(anchors: readonly Uint8Array[]): number {
    const at = this.core.reserve(anchorBytes * anchors.length);
    anchors.forEach((anchor, i) => {
      if (anchor.length > anchorBytesMax) {
        throw new CotextError("invalid_anchor", "an anchor has at most 32 bytes");
      }
      this.core.bytes().set(anchor, at + anchorBytes * i);
      this.core.bytes()[at + anchorBytes * i + anchorBytesMax] = anchor.length;
    });
    return at;
  }

  // The end.

  /** Lets go of the document; clients in which it is open keep it until they close it. */
  free(): void {
    if (this.isFreed) return;
    this.#observers = [];
    this.#updateListeners = [];
    this.dispatcher.remove(this.address);
    this.release();
  }

  [Symbol.dispose](): void {
    this.free();
  }
}
