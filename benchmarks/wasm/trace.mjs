// Sequential editing traces, whose patches are [position, deleted, inserted] in code points.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const isZipped = (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b;

export function readTrace(file) {
  const bytes = readFileSync(file);
  const trace = JSON.parse(isZipped(bytes) ? gunzipSync(bytes) : bytes);
  if (trace.kind === "concurrent" || trace.startContent) {
    throw new Error(`${file}: only sequential traces that begin empty are compared`);
  }
  const patches = trace.txns.flatMap((transaction) => transaction.patches);
  return { name: file, end: trace.endContent, patches };
}

/** The patches in UTF-16 units: the same, unless there are characters of two. */
export function patchesInUtf16({ patches }) {
  if (!patches.some(([, , text]) => /[\ud800-\udfff]/.test(text))) return patches;
  const units = []; // Of each character.
  const count = (begin, end) => {
    let sum = 0;
    for (let i = begin; i < end; ++i) sum += units[i];
    return sum;
  };
  return patches.map(([position, deleted, text]) => {
    const patch = [count(0, position), count(position, position + deleted), text];
    units.splice(position, deleted, ...Array.from(text, (character) => character.length));
    return patch;
  });
}
