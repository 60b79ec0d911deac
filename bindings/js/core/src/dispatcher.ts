import { Reader } from "./bytes.js";
import type { Core } from "./core.js";
import { type Delta, readDelta } from "./delta.js";

/** What is told of changes. @internal */
export interface Target {
  onChange(kind: number, delta: Delta, origin: unknown): void;
}

/**
 * Tells observers of changes, in the order in which they came: what an observer changes is told to
 * all when it has returned.
 *
 * @internal
 */
export class Dispatcher {
  readonly #core: Core;
  // Weak, so that a document that nobody else knows ends.
  readonly #targets = new Map<number, WeakRef<Target>>();
  #calls: (() => void)[] = [];
  #isDispatching = false;

  constructor(core: Core) {
    this.#core = core;
  }

  add(address: number, target: Target): void {
    this.#targets.set(address, new WeakRef(target));
  }

  remove(address: number): void {
    this.#targets.delete(address);
  }

  /** Takes over the changes that the module has noted, which are all of this origin. */
  collect(origin: unknown): void {
    if (this.#targets.size === 0) return;
    const notes = this.#core.notes("cotext_js_changes");
    if (notes.length === 0) return;
    this.#core.wasm.cotext_js_clear_changes!();
    const reader = new Reader(notes);
    while (!reader.done) {
      const address = reader.number32();
      const kind = reader.number32();
      const { delta } = readDelta(reader);
      this.#targets.get(address)?.deref()?.onChange(kind, delta, origin);
    }
  }

  enqueue(call: () => void): void {
    this.#calls.push(call);
  }

  /** Makes the calls that are due. The first error of one is thrown when all were made. */
  dispatch(): void {
    if (this.#isDispatching || this.#calls.length === 0) return;
    this.#isDispatching = true;
    const errors: unknown[] = [];
    try {
      for (let call = this.#calls.shift(); call !== undefined; call = this.#calls.shift()) {
        try {
          call();
        } catch (error) {
          errors.push(error);
        }
      }
    } finally {
      this.#isDispatching = false;
    }
    if (errors.length > 0) throw errors[0];
  }
}
