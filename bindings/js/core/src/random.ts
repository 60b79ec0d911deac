// Node has it as a global only from 20 on (node.ts).
let source: Crypto | undefined = globalThis.crypto;

/** @internal */
export function setRandomSource(crypto: Crypto): void {
  source ??= crypto;
}

/** Returns an id for a writer that nobody else has: 1 to 2^53 - 1. */
export function randomWriter(): number {
  const halves = new Uint32Array(2);
  for (;;) {
    source!.getRandomValues(halves);
    const writer = (halves[0]! & 0x1f_ffff) * 2 ** 32 + halves[1]!;
    if (writer !== 0) return writer;
  }
}

/** @internal */
export function randomBits(): bigint {
  return source!.getRandomValues(new BigUint64Array(1))[0]!;
}
