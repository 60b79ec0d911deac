// Random numbers from a seed (mulberry32), and texts of them.

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  bits() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  }

  /** A number in [0, limit). */
  below(limit) {
    return this.bits() % limit;
  }

  oneOf(array) {
    return array[this.below(array.length)];
  }

  text(maxCharacters) {
    const characters = ["a", "b", " ", "\n", "\r\n", "é", "e\u0301", "漢", "😀", "𝒳", "\u0000", "\ufeff"];
    return Array.from({ length: 1 + this.below(maxCharacters) }, () => this.oneOf(characters)).join("");
  }
}

/** The seeds of a test: some, or the one that failed. */
export function seeds(count) {
  const seed = process.env.COTEXT_SEED;
  return seed ? [Number(seed)] : Array.from({ length: count }, (_, i) => i + 1);
}

/** Calls `test` with each seed; an error says which it was. */
export function forEachSeed(count, test) {
  for (const seed of seeds(count)) {
    try {
      test(new Random(seed), seed);
    } catch (error) {
      error.message = `seed ${seed} (COTEXT_SEED=${seed}): ${error.message}`;
      throw error;
    }
  }
}

/** Where characters begin in a text, and its end, in UTF-16 units. */
export function boundaries(text) {
  const at = [0];
  for (const character of text) at.push(at.at(-1) + character.length);
  return at;
}

/** What a text becomes by a delta. */
export function applyDelta(text, delta) {
  let at = 0;
  let result = "";
  for (const operation of delta) {
    if (operation.insert !== undefined) result += operation.insert;
    else if (operation.delete !== undefined) at += operation.delete;
    else {
      result += text.slice(at, at + operation.retain);
      at += operation.retain;
    }
  }
  return result + text.slice(at);
}
