// Replays an editing trace, under Node.js and in pages: what trace_bytes.cc does natively.

/** Returns what a document is in bytes, by name. `patches` count UTF-16 units. */
export function replayTrace(cotext, patches) {
  const document = cotext.createDocument({ writer: 1 });
  for (const [index, length, text] of patches) document.replace(index, length, text);
  const update = document.encodeStateAsUpdate();
  const merged = cotext.createDocument({ writer: 2 });
  merged.applyUpdate(update);
  const bytes = {
    text: new TextEncoder().encode(document.toString()),
    version: document.encodeStateVector(),
    update,
    file: document.save(),
    small: document.save({ small: true }),
    compact: document.save({ compact: true }),
    merged: merged.save(),
  };
  document.free();
  merged.free();
  return bytes;
}
