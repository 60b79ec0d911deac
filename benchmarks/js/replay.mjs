// Replays a sequential editing trace with the WebAssembly module, by the npm package: each patch an
// edit, as `cotext replay --mode local` does natively; then merges all of it into an empty document,
// and loads a saved one. Prints the medians in milliseconds of the processor, which others that run on
// the machine disturb less than the clock, and exits with 1 if a text is not the trace's.
//
// Usage: node replay.mjs PACKAGE_FOLDER TRACE.json.gz [ROUNDS]
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

const [folder, file, rounds = "5"] = process.argv.slice(2);
const { load } = await import(pathToFileURL(path.resolve(folder, "dist/node.js")));
const trace = JSON.parse(gunzipSync(readFileSync(file)));

// Traces count code points; JavaScript counts UTF-16 units. They are the same in these texts.
const patches = (trace.txns ?? trace.transactions).flatMap((transaction) => transaction.patches);
if (patches.some(([, , text]) => /[\ud800-\udfff]/.test(text))) {
  throw new Error("the trace has characters of two units");
}

function check(text) {
  if (text === trace.endContent) return;
  console.error("the text is not the trace's");
  process.exit(1);
}

function measure(work) {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, result };
}

const times = { local: [], merge: [], load: [] };
for (let round = 0; round < Number(rounds); ++round) {
  const cotext = await load();
  const typed = measure(() => {
    const document = cotext.createDocument({ text: trace.startContent ?? "", writer: 1 });
    for (const [index, length, text] of patches) document.replace(index, length, text);
    return document;
  });
  check(typed.result.toString());
  const update = typed.result.encodeStateAsUpdate();
  const saved = typed.result.save();
  const merged = measure(() => {
    const document = cotext.createDocument({ writer: 2 });
    document.applyUpdate(update);
    return document.toString();
  });
  check(merged.result);
  const loaded = measure(() => cotext.openDocument(saved, { writer: 3 }).toString());
  check(loaded.result);
  times.local.push(typed.ms);
  times.merge.push(merged.ms);
  times.load.push(loaded.ms);
}

const median = (all) => all.sort((a, b) => a - b)[all.length >> 1].toFixed(1);
const name = path.basename(file).replace(/\.json(\.gz)?$/, "");
const medians = Object.entries(times).map(([mode, all]) => `${mode} ${median(all)} ms`);
console.log(`${name}: ${patches.length} patches; ${medians.join(", ")}`);
