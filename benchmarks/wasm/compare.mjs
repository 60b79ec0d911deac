// Replays editing traces with @cotext/core and with other engines in one Node.js process, in turns,
// beside `cotext replay`, which is the same engine natively, and prints the medians. Every text is
// compared with the trace's.
//
// Times are those of the processor, all threads of the process together, which others that run on the
// machine disturb less than the clock. `cotext replay` has its own clock; of it the least of several
// runs counts in each round.
//
// Usage: node compare.mjs --package=DIR --cotext=FILE [--modules=DIR] [--rounds=5]
//            [--engines=REGEX] [--modes=REGEX] [--slow=REGEX] [--json=FILE] [TRACE...]
// `package` is the unpacked package, `modules` where the others are installed (npm ci in
// ../peers/js). Without traces, the four sequential ones in COTEXT_DATA/traces. What `slow` names,
// by default automerge, takes part in every fifth round only.
//
// Modes:
//   local    each patch an edit of its own, as typing is
//   batch    the same edits in one transaction
//   merge    the whole history in one piece, into an empty copy, then its text
//   load     a saved document, then its text
//   updates  an update for each edit, each applied to a copy, then its text
// Exit code: 0 if all texts are right, 1 if one differs, 2 if something cannot be done.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { engines, makeEngine } from "./engines.mjs";
import { patchesInUtf16, readTrace } from "./trace.mjs";

const own = "@cotext/core";
const native = "native";
const nativeModes = ["local", "merge", "load"];
const nativeRuns = 9;
const settleMs = 100;
const slowRounds = 5;
// Rounds that are not counted come first, for the compilers of JavaScript and WebAssembly.
const warmingRounds = 2;
const sequential = ["automerge-paper", "rustcode", "sveltecomponent", "friendsforever_flat"];
const modes = ["local", "batch", "merge", "load", "updates"];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    package: { type: "string" },
    cotext: { type: "string" },
    modules: {
      type: "string",
      default: fileURLToPath(new URL("../peers/js/node_modules", import.meta.url)),
    },
    rounds: { type: "string", default: "5" },
    engines: { type: "string", default: "" },
    modes: { type: "string", default: "" },
    slow: { type: "string", default: "^automerge$" },
    json: { type: "string" },
  },
});

function fail(code, words) {
  console.error(`compare.mjs: ${words}`);
  process.exit(code);
}

// The threads that compile and collect for what was before are waited for, as their time counts,
// too. Nothing is collected by force: after that, what was compiled is compiled again.
function settle() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, settleMs);
}

function time(work) {
  settle();
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, result };
}

function median(all) {
  const sorted = [...all].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One engine and one trace: what is merged and loaded is made once. */
class Run {
  constructor(name, engine, trace) {
    this.name = name;
    this.engine = engine;
    this.trace = trace;
    this.patches = engines[name].inCodePoints ? trace.patches : patchesInUtf16(trace);
  }

  #check(document) {
    if (this.engine.text(document) !== this.trace.end) {
      fail(1, `${this.name}, ${this.trace.name}: the text is not the trace's`);
    }
    this.engine.free(document);
  }

  #input(mode) {
    this.inputs ??= {};
    this.inputs[mode] ??= this.#makeInput(mode);
    return this.inputs[mode];
  }

  #makeInput(mode) {
    const document = this.engine.create();
    if (mode !== "updates") {
      this.engine.typeAll(document, this.patches);
      const bytes = mode === "merge" ? this.engine.history(document) : this.engine.save(document);
      this.#check(document);
      return bytes;
    }
    const updates = [];
    const next = this.engine.watch(document, (update) => updates.push(update));
    const asks = /^(automerge|diamond-types)$/.test(this.name);
    for (const patch of this.patches) {
      this.engine.type(document, [patch]);
      if (asks) next();
    }
    this.#check(document);
    return updates;
  }

  /** Returns how long it took. */
  measure(mode) {
    const { engine } = this;
    if (mode === "local" || mode === "batch") {
      const { ms, result } = time(() => {
        const document = engine.create();
        if (mode === "batch") engine.typeAll(document, this.patches);
        else engine.type(document, this.patches);
        return document;
      });
      this.#check(result);
      return ms;
    }
    const input = this.#input(mode);
    const { ms, result } = time(() => {
      const document = mode === "load" ? engine.load(input) : engine.create(2);
      if (mode === "merge") engine.receive(document, input);
      if (mode === "updates") for (const update of input) engine.receive(document, update);
      engine.text(document);
      return document;
    });
    this.#check(result);
    return ms;
  }
}

function measureNative(mode, trace) {
  const words = ["replay", "--json", "--mode", mode, "--repeat", `${nativeRuns}`, trace.name];
  const { ok, ms_min } = JSON.parse(execFileSync(options.cotext, words, { encoding: "utf8" }));
  if (!ok) fail(1, `${native}, ${trace.name}: the text is not the trace's`);
  return ms_min;
}

async function measureTrace(file, names, wanted) {
  const trace = readTrace(file);
  const runs = [];
  for (const name of names) {
    const engine = await makeEngine(name, { modules: options.modules, folder: options.package });
    runs.push(new Run(name, engine, trace));
  }
  const times = {};
  const add = (mode, name, ms) => ((times[mode] ??= {})[name] ??= []).push(ms);
  for (const mode of wanted) {
    for (let round = -warmingRounds; round < Number(options.rounds); ++round) {
      const isCounted = round >= 0;
      if (isCounted && options.cotext && nativeModes.includes(mode)) {
        add(mode, native, measureNative(mode, trace));
      }
      for (const run of runs) {
        const isSlow = new RegExp(options.slow).test(run.name);
        if (isSlow && (!isCounted || round % slowRounds !== 0)) continue;
        const ms = run.measure(mode);
        if (isCounted) add(mode, run.name, ms);
      }
    }
    for (const run of runs) run.inputs = {};
  }
  return times;
}

const shown = (ms) => (ms === undefined ? "" : ms < 10 ? ms.toFixed(2) : ms.toFixed(0));

function ratios(medians) {
  const peers = Object.entries(medians).filter(([name]) => name !== own && name !== native);
  const best = Math.min(...peers.map(([, ms]) => ms));
  const ratio = (other) =>
    medians[own] === undefined || !(other > 0) || other === Infinity
      ? ""
      : (medians[own] / other).toFixed(2);
  return [ratio(best), ratio(medians[native])];
}

function print(results, names) {
  const columns = [native, ...names];
  const heads = ["trace", "mode", ...columns, "ours / best peer", "ours / native"];
  console.log(`| ${heads.join(" | ")} |`);
  console.log(`|---|---|${columns.map(() => "--:|").join("")}--:|--:|`);
  for (const { trace, mode, medians } of results) {
    const cells = columns.map((name) => shown(medians[name]));
    console.log(`| ${[trace, mode, ...cells, ...ratios(medians)].join(" | ")} |`);
  }
}

async function main() {
  if (!options.package) fail(2, "--package=DIR, the unpacked package, is missing");
  const folder = process.env.COTEXT_DATA && path.join(process.env.COTEXT_DATA, "traces");
  if (positionals.length === 0 && !folder) fail(2, "no traces, and COTEXT_DATA is not set");
  const files =
    positionals.length > 0
      ? positionals
      : sequential.map((name) => path.join(folder, `${name}.json.gz`));
  const names = Object.keys(engines).filter((name) => new RegExp(options.engines).test(name));
  const wanted = modes.filter((mode) => new RegExp(options.modes).test(mode));
  const results = [];
  for (const file of files) {
    const times = await measureTrace(file, names, wanted);
    const trace = path.basename(file).replace(/\.json(\.gz)?$/, "");
    for (const mode of wanted) {
      const all = Object.entries(times[mode]);
      const medians = Object.fromEntries(all.map(([name, ms]) => [name, median(ms)]));
      results.push({ trace, mode, medians, times: times[mode] });
    }
  }
  const versions = names.flatMap((name) => {
    const { package: of } = engines[name];
    if (of === undefined) return [];
    const file = path.join(options.modules, of, "package.json");
    return [`${of} ${JSON.parse(readFileSync(file)).version}`];
  });
  const [processor] = os.cpus();
  const about = {
    machine: `${os.cpus().length} x ${processor.model.trim()}, Node.js ${process.version}`,
    versions,
    rounds: Number(options.rounds),
  };
  console.log(`${about.machine}; ${versions.join(", ")}; medians of ${about.rounds} rounds, in ms\n`);
  print(results, names);
  if (options.json) writeFileSync(options.json, JSON.stringify({ ...about, results }, null, 1));
}

await main().catch((error) => fail(2, error.stack));
