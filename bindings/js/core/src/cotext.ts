import { Core } from "./core.js";
import { Dispatcher } from "./dispatcher.js";
import { CotextDocument } from "./document.js";
import { randomWriter } from "./random.js";
import type { Engine } from "./readable_document.js";
import { Session, type SessionOptions } from "./session.js";

export interface DocumentOptions {
  /** At first "rga". */
  readonly engine?: Engine;
  /**
   * Who edits this copy: a number from 1 to 2^53 - 1 that nobody else uses and that was never used
   * for another copy. At first it is random, as it should be unless it is kept with the copy, and
   * locked.
   */
  readonly writer?: number;
  /** The text to begin with, as an edit of this copy's. Others must not do the same. */
  readonly text?: string;
}

export interface OpenOptions {
  /** At first "rga". Of OT the file says who writes. */
  readonly engine?: Engine;
  readonly writer?: number;
}

/**
 * One instance of the module, with documents and sessions of its own. If it traps, which takes a
 * bug or the end of memory, all of them are lost and no others.
 */
export class Cotext {
  readonly #core: Core;
  readonly #dispatcher: Dispatcher;

  /** @internal */
  constructor(instance: WebAssembly.Instance) {
    this.#core = new Core(instance);
    this.#dispatcher = new Dispatcher(this.#core);
  }

  /** @internal */
  get core(): Core {
    return this.#core;
  }

  /** @internal */
  get dispatcher(): Dispatcher {
    return this.#dispatcher;
  }

  /** Whether the module has trapped. */
  get isLost(): boolean {
    return this.#core.isLost;
  }

  createDocument(options: DocumentOptions = {}): CotextDocument {
    const document = CotextDocument.make(
      this.#core,
      this.#dispatcher,
      options.engine ?? "rga",
      options.writer ?? randomWriter(),
    );
    if (options.text !== undefined) document.insert(0, options.text);
    return document;
  }

  /** Returns the document in a file that `save` wrote, or a cotext tool without compression. */
  openDocument(file: Uint8Array, options: OpenOptions = {}): CotextDocument {
    const engine = options.engine ?? "rga";
    const writer = engine === "ot" ? 0 : (options.writer ?? randomWriter());
    return CotextDocument.load(this.#core, this.#dispatcher, engine, writer, file);
  }

  createSession(options: SessionOptions = {}): Session {
    return new Session(this.#core, this.#dispatcher, options);
  }
}
