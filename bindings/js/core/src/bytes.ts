/** Reads what the module has written: little-endian numbers, and bytes behind their size. */
export class Reader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  number64(): number {
    this.#at += 8;
    return Number(this.#view.getBigUint64(this.#at - 8, true));
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const size = this.number32();
    this.#at += size;
    return this.#bytes.slice(this.#at - size, this.#at) as Uint8Array<ArrayBuffer>;
  }

  text(): string {
    return decodeText(this.bytes());
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}
