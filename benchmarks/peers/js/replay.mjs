// Replays an editing trace with one engine of Node.js and prints JSON as `cotext replay` does:
//   node --expose-gc replay.mjs ENGINE MODE TRACE [--inputs STEM] [--repeat N] [--budget SECONDS]
//       [--clock wall|processor] [--form WORDS]
// The modes are those of ../rust. What is merged or loaded is what the native build of the same engine
// made of the trace, in the files STEM.updates and so on; an engine without one makes its messages of
// the trace itself. Nothing is printed where an engine has no such mode. Exit code: 0 if all texts are
// right, 1 if one differs, 2 if something cannot be done.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { patchesInUtf16, readTrace } from './trace.mjs';

export const ENGINES = ['cotext', 'yjs', 'ywasm', 'automerge', 'loro', 'diamond-types', 'ot-text-unicode'];

class WrongText extends Error {}

const rounded = (ms) => Math.round(ms * 1000) / 1000;

function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function compare(text, trace) {
  if (text === trace.end) return;
  let same = 0;
  while (text[same] === trace.end[same]) same++;
  throw new WrongText(`${trace.name}: the text differs from the trace's at code unit ${same}`);
}

// What a document holds, on JavaScript's heap and beside it.
function heapBytes() {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

// What times are of, in milliseconds: time that passes, or processor time of this process, which has
// threads for collecting and compiling.
const CLOCKS = {
  wall: () => performance.now(),
  processor: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

// Times `make` until there are enough runs; `check` looks at what each run made.
function time({ repeat, budget, now }, make, check, free) {
  const ms = [];
  const begin = performance.now();
  while (ms.length === 0 || (ms.length < repeat && performance.now() - begin < budget * 1000)) {
    globalThis.gc();
    const start = now();
    const made = make();
    ms.push(now() - start);
    check(made);
    free?.(made);
  }
  return ms;
}

const asText = ({ text }) => text;

function unpack(packed) {
  const parts = [];
  for (let at = 0; at < packed.length; ) {
    const end = at + 4 + packed.readUInt32LE(at);
    parts.push(new Uint8Array(packed.subarray(at + 4, end)));
    at = end;
  }
  return parts;
}

function readInput(options, what) {
  const path = `${options.inputs}.${what}`;
  return options.inputs && existsSync(path) ? readFileSync(path) : undefined;
}

function timed(fields, ms) {
  fields.runs = ms.length;
  fields.ms_median = rounded(medianOf(ms));
  fields.ms_min = rounded(Math.min(...ms));
}

// Only for engines in JavaScript: the memory of a WebAssembly module never shrinks.
function addMemory(engine, fields, make) {
  if (!engine.about.heap) return;
  const before = heapBytes();
  const made = make();
  fields.steady_bytes = heapBytes() - before;
  engine.free?.(made);
}

function local(engine, options, trace, fields) {
  if (!trace.linear) return false;
  const patches = engine.about.utf16 ? patchesInUtf16(trace) : trace.patches;
  const make = () => {
    const document = engine.create();
    engine.edit(document, patches);
    return document;
  };
  timed(fields, time(options, make, (document) => compare(engine.text(document), trace), engine.free));
  addMemory(engine, fields, make);
  return true;
}

// Returns the updates to merge, one of each transaction that edits something.
function updatesFor(engine, options, trace) {
  if (engine.messagesOf) return engine.messagesOf(trace);
  const packed = readInput(options, 'updates');
  return packed && unpack(packed);
}

function merge(engine, options, trace, fields) {
  const updates = engine.receive && updatesFor(engine, options, trace);
  if (!updates) return false;
  const base = readInput(options, 'base');
  const make = () => {
    const document = engine.create(base);
    for (const update of updates) engine.receive(document, update);
    return { document, text: engine.text(document) };
  };
  const free = ({ document }) => engine.free?.(document);
  timed(fields, time(options, make, (made) => compare(asText(made), trace), free));
  addMemory(engine, fields, () => make().document);
  fields.updates = updates.length;
  fields.update_bytes = updates.reduce((sum, update) => sum + Buffer.byteLength(update), 0);
  return true;
}

// Returns the whole history in one piece.
function historyFor(engine, options, trace) {
  if (engine.messagesOf) {
    const messages = engine.messagesOf(trace);
    return messages && engine.historyOf(messages);
  }
  const file = readInput(options, 'batch');
  return file && (engine.about.packed ? unpack(file) : new Uint8Array(file));
}

function batch(engine, options, trace, fields) {
  const history = engine.receiveHistory && historyFor(engine, options, trace);
  if (!history) return false;
  const base = readInput(options, 'base');
  const make = () => {
    const document = engine.create(base);
    engine.receiveHistory(document, history);
    return { document, text: engine.text(document) };
  };
  const free = ({ document }) => engine.free?.(document);
  timed(fields, time(options, make, (made) => compare(asText(made), trace), free));
  addMemory(engine, fields, () => make().document);
  return true;
}

function load(engine, options, trace, fields) {
  const file = readInput(options, 'saved');
  if (!file || !engine.load) return false;
  const saved = new Uint8Array(file);
  const open = () => {
    const document = engine.load(saved);
    return { document, text: engine.text(document) };
  };
  const free = ({ document }) => engine.free?.(document);
  timed(fields, time(options, open, (made) => compare(asText(made), trace), free));
  const openToEdit = () => {
    const document = engine.load(saved);
    engine.edit(document, [[engine.length(document) >> 1, 0, 'x']]);
    return document;
  };
  const checkEdited = (document) => {
    if (engine.text(document).length !== trace.end.length + 1) {
      throw new WrongText(`${trace.name}: the text of the loaded document is wrong`);
    }
  };
  fields.ms_editable = rounded(medianOf(time(options, openToEdit, checkEdited, engine.free)));
  const document = openToEdit();
  fields.ms_save = rounded(medianOf(time(options, () => engine.save(document), () => {})));
  addMemory(engine, fields, openToEdit);
  fields.file_bytes = file.length;
  return true;
}

const MODES = { local, merge, batch, load };

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      inputs: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      budget: { type: 'string', default: '3600' },
      clock: { type: 'string', default: 'wall' },
      form: { type: 'string', default: 'as it is' },
    },
  });
  const [name, mode, path] = positionals;
  if (!ENGINES.includes(name) || !Object.hasOwn(MODES, mode) || !path) {
    throw new Error(`usage: replay.mjs ${ENGINES.join('|')} ${Object.keys(MODES).join('|')} TRACE [--inputs STEM]`);
  }
  const now = CLOCKS[values.clock];
  if (!now) throw new Error(`there is no clock ${values.clock}`);
  const engine = await import(`./engines/${name}.mjs`);
  const { about } = engine;
  const trace = readTrace(path);
  const package_json = new URL(`./node_modules/${about.package}/package.json`, import.meta.url);
  const fields = {
    trace: path,
    engine: about.name,
    version: JSON.parse(readFileSync(package_json)).version,
    mode,
    form: values.form,
    what: about[mode],
    ok: true,
    transactions: trace.transactions,
    patches: trace.patches.length,
    text_sha256: createHash('sha256').update(trace.end).digest('hex'),
  };
  const options = { ...values, repeat: Number(values.repeat), budget: Number(values.budget), now };
  if (MODES[mode](engine, options, trace, fields)) console.log(JSON.stringify(fields));
}

main().catch((error) => {
  console.error(`replay.mjs: ${error.message}`);
  process.exit(error instanceof WrongText ? 1 : 2);
});
