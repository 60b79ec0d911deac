// Usage: node tables_test.mjs TABLES
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const tables = resolve(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), 'tables'));
const run = (...args) => spawnSync('node', [tables, ...args], { encoding: 'utf8' });

assert.equal(run().status, 2);

const sample = (row, engine, mode, fields) => ({ row, engine, mode, form: 'as it is', ...fields });
const parts = [
  [
    sample('automerge-paper', 'cotext fast', 'local', { ms_median: 8, steady_bytes: 1_000_000, peak_bytes: 1_200_000 }),
    sample('automerge-paper', 'cotext fast', 'local', { ms_median: 6, steady_bytes: 1_000_000, peak_bytes: 1_200_000 }),
    sample('automerge-paper', 'yrs', 'local', { ms_median: 1400, steady_bytes: 2_000_000, peak_bytes: 2_000_000 }),
    sample('automerge-paper', 'jumprope', 'local', { ms_median: 7 }),
    sample('prepend@1000', 'yrs', 'local', { ms_median: 1 }),
    sample('prepend@10000', 'yrs', 'local', { ms_median: 100 }),
  ],
  [
    sample('A1', 'cotext fast', 'batch', { ms_median: 5 }),
    sample('A1', 'yrs', 'batch', { ms_median: 20, form: 'rebased for yrs: 2 of 955' }),
    sample('A1', 'cotext small', 'load', { history_bytes: 1234567 }),
    sample('A1', 'yrs', 'load', { history_bytes: 2000000 }),
  ],
];
const files = parts.map((part, i) => {
  const file = join(folder, `${i}.json`);
  writeFileSync(file, part.map((each) => `${JSON.stringify(each)}\n`).join(''));
  return file;
});
const chart = join(folder, 'chart.svg');
const { status, stdout, stderr } = run(...files, '--chart', chart);
assert.equal(status, 0, stderr);

// The median of two rounds; of yrs there was one only. Ropes are no peers.
assert.match(stdout, /^\| trace \| cotext fast \| yrs \| jumprope \| ratio, best \|$/m);
assert.match(stdout, /^\| automerge-paper \| 7(\.00)? \| 1,400 \(1\) \| 7 \(1\) \| 0\.01, yrs \|$/m);
assert.match(stdout, /^\| A1 \| 5 \| 20 \| 0\.25, yrs \|$/m);
assert.match(stdout, /^\| A1 \| 1,234,567 \| 2,000,000 \| 0\.62, yrs \|$/m);
assert.match(stdout, /^\| automerge-paper, local \| 1,000 \/ 1,200 \| - \| 2,000 \/ 2,000 \|.*\| 0\.50, yrs \| 0\.60, yrs \|$/m);
assert.match(stdout, /^\| prepend \| - \| - \| 1\.00, 100: 2\.00 \|/m);
assert.match(stdout, /^- A1 rebased for yrs: 2 of 955$/m);

const svg = readFileSync(chart, 'utf8');
assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
assert.match(svg, /A1, whole history merged, ms/);
// What nobody is compared with is no bar.
assert.doesNotMatch(svg, /opened to edit/);
