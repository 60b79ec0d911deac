import { Reader } from "./bytes.js";
import type { CotextDocument, EditTracker } from "./document.js";

export interface UndoManagerOptions {
  /** Transactions less than so many milliseconds apart are one step; 0: each is one. At first 500. */
  readonly captureTimeout?: number;
  /** Which origins are undone; at first null, that of edits outside of transactions. */
  readonly trackedOrigins?: Set<unknown>;
  /** At most so many steps are kept; at first 10,000. */
  readonly maxSteps?: number;
  /** What time it is, in milliseconds that do not go back. */
  readonly now?: () => number;
}

/** Where somebody's selection was: anchors, and bytes that say what they are. */
export interface Selection {
  readonly anchors: readonly Uint8Array[];
  readonly data?: Uint8Array;
}

const bytesMax = 16 << 20;
const stepsMax = 10_000;
const defaultCaptureTimeout = 500;

/**
 * Undo and redo of one's own edits of a document, from when it is made: what others write, before
 * or after, stays. A document has one at a time.
 */
export class UndoManager {
  readonly trackedOrigins: Set<unknown>;

  readonly #document: CotextDocument;
  readonly #now: () => number;
  readonly #tracker: EditTracker;
  #isDestroyed = false;

  constructor(document: CotextDocument, options: UndoManagerOptions = {}) {
    this.#document = document;
    this.trackedOrigins = options.trackedOrigins ?? new Set([null]);
    const start = Date.now();
    this.#now = options.now ?? (() => Date.now() - start);
    this.#tracker = {
      tracks: (origin) => this.#tracks(origin),
      beforeEdit: () => {
        const time = BigInt(Math.max(0, Math.floor(this.#now())));
        this.#call("cotext_document_undo_time", time);
      },
    };
    document.setTracker(this.#tracker);
    this.#configure(options);
  }

  /** An origin is tracked if it is in the set, or, as of a class, its constructor is. */
  #tracks(origin: unknown): boolean {
    if (this.trackedOrigins.has(origin)) return true;
    return typeof origin === "object" && origin !== null && this.trackedOrigins.has(origin.constructor);
  }

  #configure(options: UndoManagerOptions): void {
    const { core } = this.#document;
    const mark = core.mark();
    try {
      const at = core.reserve(32);
      const view = core.view();
      view.setUint32(at, 32, true);
      view.setBigUint64(at + 8, BigInt(options.captureTimeout ?? defaultCaptureTimeout), true);
      view.setBigUint64(at + 16, BigInt(options.maxSteps ?? stepsMax), true);
      view.setBigUint64(at + 24, BigInt(bytesMax), true);
      this.#call("cotext_document_undo_configure", at);
    } finally {
      core.release(mark);
    }
  }

  #call(name: string, ...values: (number | bigint)[]): void {
    const { core, address } = this.#document;
    core.check(core.wasm[name]!(address, ...values));
  }

  #counts(): [undo: number, redo: number] {
    const { core } = this.#document;
    this.#call("cotext_document_undo_counts", core.out, core.out + 8);
    const view = core.view();
    return [
      Number(view.getBigUint64(core.out, true)),
      Number(view.getBigUint64(core.out + 8, true)),
    ];
  }

  get undoSteps(): number {
    return this.#counts()[0];
  }

  get redoSteps(): number {
    return this.#counts()[1];
  }

  canUndo(): boolean {
    return this.undoSteps > 0;
  }

  canRedo(): boolean {
    return this.redoSteps > 0;
  }

  /** Takes the latest step back; returns whether there was one. */
  undo(): boolean {
    return this.#document.takeBack("cotext_document_undo", this);
  }

  redo(): boolean {
    return this.#document.takeBack("cotext_document_redo", this);
  }

  /** The next edit begins a step. */
  stopCapturing(): void {
    this.#call("cotext_document_undo_stop_grouping");
  }

  clear(): void {
    this.#call("cotext_document_undo_clear");
  }

  /**
   * Says where the selection is: "before" the next transaction, or the one that is open; "after"
   * the one that is open, or the latest.
   */
  setSelection(when: "before" | "after", selection: Selection): void {
    const { core } = this.#document;
    const mark = core.mark();
    try {
      const data = selection.data ?? new Uint8Array(0);
      const anchors = this.#document.putAnchors(selection.anchors);
      const at = core.put(data);
      this.#call(
        `cotext_document_selection_${when}`,
        anchors,
        selection.anchors.length,
        at,
        data.length,
      );
    } finally {
      core.release(mark);
    }
  }

  /** What the latest undo or redo gave back, the anchors where their characters are now. */
  get restoredSelection(): Selection {
    const { core } = this.#document;
    this.#call("cotext_js_selection_restored");
    const reader = new Reader(core.notes("cotext_js_shown"));
    const anchors: Uint8Array[] = [];
    for (let left = reader.number32(); left > 0; --left) anchors.push(reader.bytes());
    return { anchors, data: reader.bytes() };
  }

  /** Goes on with the steps of the file that the document was opened from. */
  restore(): void {
    this.#call("cotext_document_undo_restore", 0);
  }

  /** Ends tracking, and forgets all steps. */
  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.clear();
    this.#document.setTracker(undefined);
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}
