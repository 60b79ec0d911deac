// Replays editing traces with this repository's engine and with others, in turns, and compares.
// `./dev bench peers` sets up what this needs and calls it; the method is in docs/BENCHMARKS.md, section 5.
//
//   node run.mjs --traces DIR --build DIR --cotext FILE --transactions FILE [--rust FILE] [--js DIR]
//                [--rounds N] [--repeat N] [--budget SECONDS] [--rows REGEX] [--engines REGEX]
//                [--modes REGEX] [--timeout SECONDS] [--slow SECONDS] [--clock wall|processor]
//                [--json FILE] [--report FILE.html]
//
// Builds nothing. What is not there (a program, a trace) is said, and skipped. Exit code: 0; 1 if an
// engine's text was wrong; 2 if this cannot run at all.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { CASES, SIZES } from './adversarial.mjs';
import { compareGrowth, compareRow, MODES, renderGrowth, renderText } from './compare.mjs';
import { renderHtml } from './report.mjs';

const here = dirname(fileURLToPath(import.meta.url));

// The rows: a trace of the folder, or one several times over. The names are those of the table in the
// Eg-walker paper; S2, S3 and C2 are not everywhere.
const ROWS = [
  { row: 'automerge-paper', trace: 'automerge-paper' },
  { row: 'rustcode', trace: 'rustcode' },
  { row: 'sveltecomponent', trace: 'sveltecomponent' },
  { row: 'friendsforever_flat', trace: 'friendsforever_flat' },
  { row: 'friendsforever', trace: 'friendsforever', concurrent: true },
  { row: 'S1', trace: 'automerge-paper', times: 3 },
  { row: 'S2', trace: 'seph-blog1', times: 3 },
  { row: 'S3', trace: 'egwalker' },
  { row: 'C1', trace: 'friendsforever', times: 25, concurrent: true },
  { row: 'C2', trace: 'clownschool', times: 25, concurrent: true },
  { row: 'A1', trace: 'A1', concurrent: true },
  { row: 'A2', trace: 'A2', concurrent: true },
];

// Cases that are made here, in two sizes, of which only the times are compared.
const CASE_ROWS = Object.entries(CASES).flatMap(([name, { mode }]) =>
  SIZES.map((size) => ({ row: `${name}@${size}`, name, size, concurrent: mode === 'merge', modes: [mode] })),
);

// Engines of Node.js, and the native engine whose updates and saved documents they take: of the Rust
// program, or this repository's.
const JS_ENGINES = [
  { file: 'cotext', engine: 'cotext-js', inputs: 'cotext', package: '@cotext/core' },
  { file: 'yjs', engine: 'yjs', inputs: 'yrs' },
  { file: 'ywasm', engine: 'ywasm', inputs: 'yrs' },
  { file: 'automerge', engine: 'automerge-js', inputs: 'automerge' },
  { file: 'loro', engine: 'loro-js', inputs: 'loro' },
  { file: 'diamond-types', engine: 'diamond-types-node', inputs: 'diamond-types' },
  { file: 'ot-text-unicode', engine: 'ot-text-unicode' },
];

// Where they are kept. The number is another one whenever there are more or other forms of a document.
const INPUTS = 'inputs-2';

const say = (words) => process.stderr.write(`peers: ${words}\n`);

function parse() {
  const { values } = parseArgs({
    options: {
      traces: { type: 'string' },
      build: { type: 'string' },
      cotext: { type: 'string' },
      transactions: { type: 'string' },
      rust: { type: 'string' },
      js: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      repeat: { type: 'string', default: '3' },
      budget: { type: 'string', default: '10' },
      timeout: { type: 'string', default: '1800' },
      slow: { type: 'string', default: '300' },
      clock: { type: 'string', default: 'wall' },
      rows: { type: 'string', default: '.' },
      engines: { type: 'string', default: '.' },
      modes: { type: 'string', default: '.' },
      json: { type: 'string' },
      report: { type: 'string' },
    },
  });
  for (const needed of ['traces', 'build', 'cotext', 'transactions']) {
    if (!values[needed]) throw new Error(`--${needed} is missing`);
  }
  for (const count of ['rounds', 'repeat', 'budget', 'timeout', 'slow']) {
    if (!/^[1-9]\d*$/.test(values[count])) throw new Error(`--${count} takes a number above 0`);
  }
  if (!['wall', 'processor'].includes(values.clock)) throw new Error(`there is no clock ${values.clock}`);
  return values;
}

// Runs a program that prints JSON lines, for so many seconds at most: some engines would take days for
// some rows. What it says when it fails goes on in `failed`.
function run(program, args, timeout) {
  const limits = { maxBuffer: 1 << 28, timeout: timeout * 1000, killSignal: 'SIGKILL' };
  const { error, status, signal, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...limits });
  if (error?.code === 'ETIMEDOUT') return { reports: [], failed: `it took over ${timeout} seconds` };
  if (error) return { reports: [], failed: error.message };
  const reports = (stdout ?? '').split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  if (status === 0) return { reports };
  const lines = (stderr ?? '').split('\n').filter((line) => line.trim() && !/^(note|stack backtrace)/.test(line));
  const wrong_text = status === 1;
  return { reports: [], wrong_text, failed: lines.slice(0, 3).join(' ') || `ended by ${signal ?? status}` };
}

const hashOf = (path) => createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);

class Bench {
  constructor(options) {
    this.options = options;
    this.folder = options.build;
    this.samples = [];
    this.failures = [];
    this.made = new Set();
    for (const folder of ['traces', INPUTS]) mkdirSync(join(this.folder, folder), { recursive: true });
    this.rust = this.findRust();
    const modules = options.js && join(options.js, 'node_modules');
    this.js = modules && existsSync(modules) ? JS_ENGINES.filter(({ package: own }) => !own || existsSync(join(modules, own))) : [];
    if (!this.js.length) say('the engines of Node.js are not installed: skipped');
  }

  run(program, args) {
    return run(program, args, Number(this.options.timeout));
  }

  // Returns the engines of the Rust program, and their versions.
  findRust() {
    const { rust } = this.options;
    if (!rust || !existsSync(rust)) {
      say('the Rust program is not built: its engines are skipped, and those of Node.js only edit');
      return new Map();
    }
    const { stdout } = spawnSync(rust, ['list'], { encoding: 'utf8' });
    return new Map(stdout.trim().split('\n').map((line) => line.split(' ')));
  }

  // Returns the path of a row's trace, made if it is a repetition; nothing if it is not there.
  traceOf({ row, trace, times, name, size }, source) {
    if (name) return this.caseOf(name, size);
    const path = source ?? join(this.options.traces, `${trace}.json.gz`);
    if (!existsSync(path)) {
      say(`${row}: there is no ${trace}.json.gz in ${this.options.traces}: skipped`);
      return undefined;
    }
    if (!times) return path;
    const made = join(this.folder, 'traces', `${hashOf(path)}-x${times}.json.gz`);
    if (!existsSync(made)) {
      const result = this.run(this.options.cotext, ['trace', 'repeat', path, `${times}`, '--out', `${made}.new.gz`]);
      if (result.failed) throw new Error(`cotext trace repeat: ${result.failed}`);
      renameSync(`${made}.new.gz`, made);
    }
    return made;
  }

  caseOf(name, size) {
    const path = join(this.folder, 'traces', `${name}-${size}.json`);
    if (!this.made.has(path)) writeFileSync(path, JSON.stringify(CASES[name].make(size)));
    this.made.add(path);
    return path;
  }

  // Returns the trace that an engine can replay, and in words what it is: an engine with another rule
  // for concurrent inserts at one place needs a form of its own. Deciding takes a replay of the
  // plainest kind, so it is kept; of a trace several times over, the one that is repeated decides.
  formFor(row, engine) {
    const path = this.traceOf(row);
    if (!row.concurrent || row.name || engine.startsWith('jumprope')) return { path, form: 'as it is' };
    const source = this.traceOf({ ...row, times: undefined });
    const version = this.rust.get(engine);
    const made = join(this.folder, 'traces', `${hashOf(source)}-${engine}-${version}.json.gz`);
    const note = `${made}.json`;
    if (!existsSync(note)) {
      say(`${row.row}: looking for a form for ${engine}`);
      const result = this.run(this.options.rust, ['rebase', engine, source, `${made}.new`]);
      if (result.failed) throw new Error(result.failed);
      renameSync(`${made}.new`, made);
      writeFileSync(note, JSON.stringify(result.reports[0]));
    }
    const { rebased, transactions } = JSON.parse(readFileSync(note));
    if (rebased === 0) return { path, form: 'as it is' };
    const form = `rebased for ${engine}: ${rebased} of ${transactions} transactions' patches made anew`;
    return { path: row.times ? this.traceOf(row, made) : made, form };
  }

  limits() {
    const { repeat, budget, clock } = this.options;
    return ['--repeat', repeat, '--budget', budget, '--clock', clock];
  }

  // Returns what runs in a row and mode, each as {engine, run}.
  runners(row, mode) {
    if (mode === 'local' && row.concurrent) return [];
    const path = this.traceOf(row);
    const { repeat, clock } = this.options;
    const ours = (args) => () => this.run(this.options.cotext, ['replay', path, '--json', '--repeat', repeat, '--clock', clock, ...args]);
    const runners = [];
    const cotext_mode = { local: 'local', batch: 'merge', load: 'load' }[mode];
    for (const profile of ['fast', 'small']) {
      // Profiles are about bytes only.
      if (!cotext_mode || (mode === 'local' && profile === 'small')) continue;
      runners.push({ engine: `cotext ${profile}`, run: ours(['--mode', cotext_mode, '--profile', profile]) });
    }
    if (mode === 'local') runners.push({ engine: 'cotext one', run: ours(['--mode', 'local', '--one-transaction']) });
    if (cotext_mode) runners.push({ engine: 'cotext ot', run: ours(['--engine', 'ot', '--mode', cotext_mode]) });
    if (mode === 'merge') {
      runners.push({ engine: 'cotext', run: () => this.run(this.options.transactions, [path, ...this.limits()]) });
    }
    for (const engine of this.rust.keys()) {
      runners.push({ engine, run: () => this.runRust(row, mode, engine) });
    }
    for (const js of this.js) runners.push({ engine: js.engine, run: () => this.runJs(row, mode, js) });
    return runners.filter(({ engine }) => new RegExp(this.options.engines).test(engine) || engine.startsWith('cotext'));
  }

  runRust(row, mode, engine) {
    const { path, form } = this.formFor(row, engine);
    const inputs = join(this.folder, INPUTS);
    return this.run(this.options.rust, ['replay', engine, mode, path, inputs, '--form', form, ...this.limits()]);
  }

  // Makes what this repository's engine in WebAssembly merges and loads, once in a run.
  ownInputs(path) {
    const stem = join(this.folder, INPUTS, `${hashOf(path)}-cotext`);
    if (this.made.has(stem)) return stem;
    const { failed } = this.run(this.options.transactions, [path, '--inputs', stem]);
    if (failed) throw new Error(failed);
    this.made.add(stem);
    return stem;
  }

  runJs(row, mode, { file, inputs }) {
    const made_by_rust = inputs && inputs !== 'cotext';
    if (made_by_rust && mode !== 'local' && !this.rust.size) return { reports: [] };
    const { path, form } =
      made_by_rust && this.rust.size ? this.formFor(row, inputs) : { path: this.traceOf(row), form: 'as it is' };
    let stem = made_by_rust ? join(this.folder, INPUTS, `${hashOf(path)}-${inputs}-${this.rust.get(inputs)}`) : '';
    if (inputs === 'cotext' && mode !== 'local') stem = this.ownInputs(path);
    const program = join(this.options.js, 'replay.mjs');
    return this.run('node', ['--expose-gc', program, file, mode, path, '--inputs', stem, '--form', form, ...this.limits()]);
  }

  // Runs a row's mode: a round after the other, in each one every engine, so that what disturbs the
  // machine disturbs all alike. An engine that failed is not tried again, and one that is slow takes
  // part in one round only, which the output says.
  runMode(row, mode) {
    const failed = new Set();
    const slow = new Set();
    for (let round = 0; round < Number(this.options.rounds); round++) {
      for (const runner of this.runners(row, mode)) {
        if (failed.has(runner.engine) || slow.has(runner.engine)) continue;
        const begin = performance.now();
        let result;
        try {
          result = runner.run();
        } catch (error) {
          result = { reports: [], failed: error.message };
        }
        if (result.failed) {
          failed.add(runner.engine);
          const failure = { row: row.row, mode, engine: runner.engine, why: result.failed, wrong_text: result.wrong_text };
          this.failures.push(failure);
          say(`${row.row} ${mode} ${runner.engine}: ${result.failed}`);
        } else if (result.reports.length === 0) {
          failed.add(runner.engine);
        }
        if (performance.now() - begin > 1000 * Number(this.options.slow)) slow.add(runner.engine);
        for (const report of result.reports) {
          this.samples.push({ ...report, row: row.row, mode, engine: runner.engine, round });
        }
      }
    }
  }

  runAll() {
    const chosen = [...ROWS, ...CASE_ROWS].filter(({ row }) => new RegExp(`^(${this.options.rows})`).test(row));
    const modes = MODES.filter((mode) => new RegExp(this.options.modes).test(mode));
    for (const row of chosen) {
      if (!this.traceOf(row)) continue;
      for (const mode of modes) {
        if (row.modes && !row.modes.includes(mode)) continue;
        say(`${row.row}, ${mode}`);
        this.runMode(row, mode);
        this.write();
      }
      if (!row.name) process.stdout.write(`${renderText(compareRow(row.row, this.samples))}\n`);
    }
    process.stdout.write(renderGrowth(compareGrowth(this.samples)));
  }

  // What there is so far, so that a run that is stopped was not for nothing.
  write() {
    const { json, report } = this.options;
    const { samples, failures } = this;
    if (json) writeFileSync(json, samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
    if (!report) return;
    const rows = ROWS.map(({ row }) => row).filter((row) => samples.some((sample) => sample.row === row));
    writeFileSync(report, renderHtml(rows.map((row) => compareRow(row, samples)), compareGrowth(samples), samples, failures));
  }
}

try {
  const bench = new Bench(parse());
  bench.runAll();
  process.exit(bench.failures.some(({ wrong_text }) => wrong_text) ? 1 : 0);
} catch (error) {
  say(error.message);
  process.exit(2);
}
