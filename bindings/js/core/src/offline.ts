import { areEqual } from "./bytes.js";
import type { CotextClient, OpenDocument } from "./client.js";
import { CopyStore, type StoredCopy } from "./copy_store.js";
import type { Cotext } from "./cotext.js";
import type { CotextDocument } from "./document.js";
import { CotextError } from "./errors.js";
import { randomWriter } from "./random.js";

export interface OfflineOptions {
  /** Which server's document it is; at first that of the page. */
  readonly server?: string;
  /** Of IndexedDB; at first "cotext". */
  readonly database?: string;
  /** So long edits may wait to be stored together; at first 100. */
  readonly saveMs?: number;
  /** Called when `isStored` has become true. */
  readonly onStored?: () => void;
}

/** What tabs say to each other of a document. */
interface TabMessage {
  readonly update?: Uint8Array;
  /** What somebody has who asks for the rest. */
  readonly version?: Uint8Array;
}

const defaultSaveMs = 100;
/** What could not be stored is tried again after so long. */
const retryMs = 5_000;

/** Holds a lock until what is returned is called; undefined if somebody else has it. */
function tryLock(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (lock === null) return resolve(undefined);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}

/**
 * A document that is kept in this browser, too: it is there before the server has answered, and
 * what was written without a connection is there after the page was closed, and arrives once. Tabs
 * of one browser are in step, also without a server. RGA only.
 *
 * Each page writes under an id of its own, so that none is ever used twice. The copies of pages
 * that were closed are taken over, under a lock each, by the next that is opened: their edits are
 * then its own to upload.
 */
export class OfflineDocument {
  readonly document: CotextDocument;
  readonly open: OpenDocument;

  readonly #store: CopyStore;
  readonly #key: string;
  readonly #channel: BroadcastChannel;
  readonly #release: () => void;
  readonly #former: readonly number[];
  readonly #saveMs: number;
  readonly #onStored: (() => void) | undefined;
  readonly #stops: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stored: Uint8Array;
  #writes = 0;
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;
  #isForgotten = false;

  private constructor(
    parts: { document: CotextDocument; open: OpenDocument; store: CopyStore; release: () => void },
    key: string,
    former: readonly number[],
    options: OfflineOptions,
  ) {
    this.document = parts.document;
    this.open = parts.open;
    this.#store = parts.store;
    this.#release = parts.release;
    this.#key = key;
    this.#former = former;
    this.#saveMs = options.saveMs ?? defaultSaveMs;
    this.#onStored = options.onStored;
    this.#stored = new Uint8Array(0);
    this.#channel = new BroadcastChannel(`cotext:${key}`);
    this.#channel.onmessage = ({ data }) => this.#onMessage(data as TabMessage);
    this.#stops.push(
      this.document.on("update", (update, origin) => {
        if (origin !== this.#channel) this.#say({ update });
        this.#saveSoon();
      }),
    );
    this.#say({ version: this.document.encodeStateVector() });
  }

  /** Opens what this browser has of a document, and keeps it in step with the server by a client. */
  static async open(
    cotext: Cotext,
    client: CotextClient,
    name: string,
    options: OfflineOptions = {},
  ): Promise<OfflineDocument> {
    const server = options.server ?? location.origin;
    const key = `${server}\n${name}`;
    const store = await CopyStore.open(options.database ?? "cotext");
    // One page at a time takes copies over.
    return navigator.locks.request(`cotext:${key}:opening`, async () => {
      const writer = randomWriter();
      const release = (await tryLock(`cotext:${key}:${writer}`))!;
      const document = cotext.createDocument({ writer });
      const former: number[] = [];
      const taken: (() => void)[] = [];
      const copies = await store.read(key);
      for (const copy of copies) {
        const isFree = await tryLock(`cotext:${key}:${copy.writer}`);
        const isTaken = takeIn(cotext, document, copy);
        if (isFree === undefined) continue; // Its page is there, and uploads what it has.
        taken.push(isFree);
        if (isTaken) former.push(copy.writer, ...copy.former);
      }
      const open = client.open(name, document, { formerWriters: former });
      const parts = { document, open, store, release };
      const opened = new OfflineDocument(parts, key, former, options);
      await opened.#takeOver(former);
      for (const each of taken) each();
      return opened;
    });
  }

  /** In place of the copies of others this page's own, which has them all, is stored. */
  async #takeOver(former: readonly number[]): Promise<void> {
    if (former.length > 0) await this.#save(former);
  }

  /** Whether this browser has all edits. */
  get isStored(): boolean {
    return this.#writes === 0 && this.#timer === undefined;
  }

  /** Resolves when all edits made until now are stored in this browser. */
  whenStored(): Promise<void> {
    return this.#save([]);
  }

  #saveSoon(delayMs = this.#saveMs): void {
    this.#timer ??= setTimeout(() => {
      this.#save([]).catch((error: unknown) => {
        console.warn("cotext: not stored in this browser", error);
      });
    }, delayMs);
  }

  #save(replaced: readonly number[]): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isClosed || this.#isForgotten) return this.#work;
    ++this.#writes;
    // One after the other: each adds to what the one before has stored.
    this.#work = this.#work.catch(() => undefined).then(() => this.#write(replaced));
    this.#work.then(
      () => {
        --this.#writes;
        if (this.isStored) this.#onStored?.();
      },
      () => {
        --this.#writes;
        if (!this.#isClosed) this.#saveSoon(retryMs);
      },
    );
    return this.#work;
  }

  async #write(replaced: readonly number[]): Promise<void> {
    const { document } = this;
    const version = document.encodeStateVector();
    const isFirst = this.#stored.length === 0;
    const isNew = isFirst ? version.length > 1 : !areEqual(version, this.#stored);
    if (this.#isForgotten || (!isNew && replaced.length === 0)) return;
    const bytes = isFirst ? document.save() : document.saveSince(this.#stored);
    // What the server has for good need not be uploaded by whoever takes this copy over.
    const isSafe = this.open.isSynced && this.open.unsaved === 0;
    const former = isSafe ? [] : this.#former;
    const copy = { key: this.#key, writer: document.writer, former };
    await this.#store.append(copy, bytes, isFirst, replaced);
    this.#stored = version;
  }

  // Other tabs.

  #say(message: TabMessage): void {
    if (!this.#isClosed) this.#channel.postMessage(message);
  }

  #onMessage({ update, version }: TabMessage): void {
    if (this.#isClosed) return;
    if (version !== undefined) {
      try {
        const rest = this.document.encodeStateAsUpdate(version);
        if (rest.length > 0) this.#say({ update: rest });
      } catch (error) {
        if (!(error instanceof CotextError)) throw error; // It has what is not here.
        this.#say({ update: this.document.encodeStateAsUpdate() });
      }
    }
    if (update !== undefined) this.#take(update);
  }

  #take(update: Uint8Array): void {
    try {
      this.document.applyUpdate(update, this.#channel);
    } catch (error) {
      if (!(error instanceof CotextError) || error.code !== "missing_dependency") throw error;
      this.#say({ version: this.document.encodeStateVector() });
    }
  }

  /** Drops what this browser has of the document; this page goes on without keeping any. */
  async forget(): Promise<void> {
    await this.#work.catch(() => undefined);
    await this.#store.remove(this.#key);
    this.#isForgotten = true;
  }

  /** Stores what is not stored yet, and keeps the document in step no longer. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    for (const stop of this.#stops) stop();
    const saved = this.#save([]);
    this.#isClosed = true;
    this.#channel.close();
    this.open.close();
    try {
      await saved;
    } finally {
      this.#release();
      this.#store.close();
    }
  }
}

/** Returns whether a copy went in: one that cannot be read, or of another document, does not. */
function takeIn(cotext: Cotext, document: CotextDocument, copy: StoredCopy): boolean {
  try {
    const stored = cotext.openDocument(copy.file, { writer: randomWriter() });
    const { id } = document;
    const isSame = id.every((byte) => byte === 0) || areEqual(id, stored.id);
    if (isSame) {
      document.setId(stored.id);
      document.applyUpdate(stored.encodeStateAsUpdate());
    }
    stored.free();
    return isSame;
  } catch (error) {
    if (!(error instanceof CotextError) || cotext.isLost) throw error;
    console.warn("cotext: a copy in this browser cannot be read", error);
    return false;
  }
}
