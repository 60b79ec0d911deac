/** A document as one page left it in this browser. */
export interface CopyName {
  readonly key: string;
  readonly writer: number;
  /** Ids under which others wrote whose copies went into this one. */
  readonly former: readonly number[];
}

export interface StoredCopy extends CopyName {
  readonly file: Uint8Array;
}

interface Piece {
  readonly key: string;
  readonly writer: number;
  readonly number: number;
  readonly bytes: Uint8Array;
}

const copies = "copies";
const pieces = "pieces";
/** So many pieces are kept before one is made of them. */
const piecesMax = 100;

function done<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Copies of documents in IndexedDB: what is new is put beside what is there, as in files. */
export class CopyStore {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  static async open(name: string): Promise<CopyStore> {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(copies, { keyPath: ["key", "writer"] });
      request.result.createObjectStore(pieces, { keyPath: ["key", "writer", "number"] });
    };
    return new CopyStore(await done(request));
  }

  close(): void {
    this.#database.close();
  }

  /** Returns all copies of a document. */
  async read(key: string): Promise<StoredCopy[]> {
    const transaction = this.#database.transaction([copies, pieces]);
    // An array is greater than any number.
    const range = IDBKeyRange.bound([key], [key, []]);
    const names = (await done(transaction.objectStore(copies).getAll(range))) as CopyName[];
    const parts = (await done(transaction.objectStore(pieces).getAll(range))) as Piece[];
    return names.map((name) => {
      const own = parts.filter(({ writer }) => writer === name.writer).map(({ bytes }) => bytes);
      return { ...name, file: concatenate(own) };
    });
  }

  /** Drops all copies of a document. */
  async remove(key: string): Promise<void> {
    const transaction = this.#database.transaction([copies, pieces], "readwrite");
    const range = IDBKeyRange.bound([key], [key, []]);
    transaction.objectStore(copies).delete(range);
    transaction.objectStore(pieces).delete(range);
    await finished(transaction);
  }

  /** Adds to a copy, or begins it anew, and drops others in its favour: all of it, or nothing. */
  async append(
    copy: CopyName,
    bytes: Uint8Array,
    isWhole: boolean,
    replaced: readonly number[],
  ): Promise<void> {
    const options = { durability: "strict" } as const;
    const transaction = this.#database.transaction([copies, pieces], "readwrite", options);
    const end = finished(transaction);
    const store = transaction.objectStore(pieces);
    const own = IDBKeyRange.bound([copy.key, copy.writer], [copy.key, copy.writer, []]);
    if (isWhole) store.delete(own);
    const count = isWhole ? 0 : await done(store.count(own));
    if (count >= piecesMax) {
      const parts = (await done(store.getAll(own))) as Piece[];
      const all = concatenate([...parts.map((part) => part.bytes), bytes]);
      store.delete(own);
      store.put({ key: copy.key, writer: copy.writer, number: 0, bytes: all });
    } else {
      store.put({ key: copy.key, writer: copy.writer, number: count, bytes });
    }
    transaction.objectStore(copies).put(copy);
    for (const writer of replaced) {
      transaction.objectStore(copies).delete([copy.key, writer]);
      store.delete(IDBKeyRange.bound([copy.key, writer], [copy.key, writer, []]));
    }
    await end;
  }
}
