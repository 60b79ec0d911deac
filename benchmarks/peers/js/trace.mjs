// Editing traces, as rust/src/trace.rs reads them.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export function readTrace(path) {
  let file = readFileSync(path);
  if (file[0] === 0x1f && file[1] === 0x8b) file = gunzipSync(file);
  const { kind, startContent, endContent, txns } = JSON.parse(file);
  if (startContent) throw new Error(`${path}: a trace that does not begin empty is not replayed here`);
  const concurrent = kind === 'concurrent';
  const linear = !concurrent || txns.every((txn, i) => i === 0 || txn.parents.includes(i - 1));
  const patches = txns.flatMap((txn) => txn.patches);
  return { name: path, concurrent, linear, end: endContent, transactions: txns.length, patches, txns };
}

const isAscii = (text) => /^[\x00-\x7f]*$/.test(text);

// Positions and lengths in UTF-16 code units instead of code points; ASCII is as it is.
export function patchesInUtf16({ patches, linear, name }) {
  if (patches.every((patch) => isAscii(patch[2]))) return patches;
  if (!linear) throw new Error(`${name}: a concurrent trace beyond ASCII is not converted to other units`);
  const widths = [];
  const sum = (begin, end) => {
    let total = 0;
    for (let i = begin; i < end; i++) total += widths[i];
    return total;
  };
  return patches.map(([position, deleted, inserted]) => {
    const converted = [sum(0, position), sum(position, position + deleted), inserted];
    widths.splice(position, deleted, ...Array.from(inserted, (character) => character.length));
    return converted;
  });
}
