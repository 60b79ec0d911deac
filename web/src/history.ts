/**
 * The changes of an RGA document, read out of an update with all of them (docs/FORMAT.md, section
 * 3), as a row of versions: the first has nothing, and each has one operation more.
 */
export interface Change {
  readonly writer: number;
  /** The number of its first operation; the others follow. */
  readonly counter: number;
  readonly length: number;
}

export class History {
  readonly changes: readonly Change[];
  readonly length: number;
  readonly #ends: number[] = [];
  readonly #base: ReadonlyMap<number, number>;

  /** `update` has what came after `base`, a version. */
  constructor(update: Uint8Array, base: Uint8Array) {
    this.#base = readVersion(base);
    this.changes = update.length === 0 ? [] : readChanges(new Numbers(update));
    let end = 0;
    for (const { length } of this.changes) this.#ends.push((end += length));
    this.length = end;
  }

  /** Returns the version with so many operations. */
  versionAt(count: number): Uint8Array<ArrayBuffer> {
    const counters = new Map(this.#base);
    let begin = 0;
    for (const change of this.changes) {
      const taken = Math.min(change.length, count - begin);
      if (taken <= 0) break;
      counters.set(change.writer, change.counter + taken - 1);
      begin += change.length;
    }
    return writeVersion(counters);
  }

  /** Returns which change a version ends in. */
  changeAt(count: number): Change | undefined {
    return this.changes[this.#ends.findIndex((end) => count <= end)];
  }
}

class Numbers {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError("the bytes end early");
    return byte;
  }

  next(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }
}

const onlyOne = 0x08;
const noneNew = 0x10;

interface ReadChange extends Change {
  readonly end: number;
}

function readChanges(numbers: Numbers): Change[] {
  const head = numbers.byte();
  const writers = (head & noneNew) !== 0 ? [] : readWriters(numbers);
  const changes: ReadChange[] = [];
  const ends = new Map<number, number>(); // Of the latest change by each writer.
  for (let left = (head & onlyOne) !== 0 ? 1 : numbers.next(); left > 0; --left) {
    const writer = writers[numbers.next()]!;
    const both = numbers.next();
    const length = Math.floor(both / 8);
    const last = readParents(numbers, both % 8, changes, ends.get(writer));
    changes.push({ writer, counter: last + 1, length, end: last + length });
    ends.set(writer, last + length);
  }
  return changes;
}

function readWriters(numbers: Numbers): number[] {
  const writers: number[] = [];
  for (let left = numbers.next(), last = 0; left > 0; --left) {
    writers.push((last += numbers.next()));
  }
  return writers;
}

/** Returns the greatest counter among the parents of the next change. */
function readParents(
  numbers: Numbers,
  form: number,
  before: readonly ReadChange[],
  ownEnd: number | undefined,
): number {
  switch (form) {
    case 0:
      return 0;
    case 1:
      return before.at(-1)!.end;
    case 2:
      return ownEnd ?? numbers.next();
    case 3:
      return readParent(numbers, before);
    case 4: {
      let last = 0;
      for (let left = numbers.next(); left > 0; --left) {
        last = Math.max(last, readParent(numbers, before));
      }
      return last;
    }
    default:
      throw new RangeError(`parents have no form ${form}`);
  }
}

function readParent(numbers: Numbers, before: readonly ReadChange[]): number {
  const both = numbers.next();
  const rest = Math.floor(both / 4);
  switch (both % 4) {
    case 0:
      return before.at(-1 - rest)!.end;
    case 1:
      return before.at(-1 - rest)!.end - numbers.next();
    case 2:
      return numbers.next();
    default:
      throw new RangeError("a parent has no such form");
  }
}

export function readVersion(bytes: Uint8Array): Map<number, number> {
  const counters = new Map<number, number>();
  if (bytes.length === 0) return counters;
  const numbers = new Numbers(bytes);
  for (let left = numbers.next(), writer = 0; left > 0; --left) {
    writer += numbers.next();
    counters.set(writer, numbers.next());
  }
  return counters;
}

export function writeVersion(counters: ReadonlyMap<number, number>): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  const put = (value: number): void => {
    for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
    bytes.push(value);
  };
  put(counters.size);
  let before = 0;
  for (const [writer, counter] of [...counters].sort(([a], [b]) => a - b)) {
    put(writer - before);
    put(counter);
    before = writer;
  }
  return Uint8Array.from(bytes);
}
