// Usage: node compare_test.mjs COMPARE REPORT
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [compare, report] = await Promise.all(
  process.argv.slice(2).map((path) => import(pathToFileURL(resolve(path)).href)),
);
const { compareGrowth, compareRow, formatNumber, medianOf, renderGrowth, renderText } = compare;

assert.equal(medianOf([3, 1, 2]), 2);
assert.equal(medianOf([4, 1, 2, 3]), 2.5);
assert.equal(formatNumber(undefined), '-');
assert.equal(formatNumber(1.23456), '1.23');
assert.equal(formatNumber(123.4), '123');
assert.equal(formatNumber(1234567), '1,234,567');

const sample = (engine, mode, fields) => ({ row: 'A1', engine, mode, form: 'as it is', ...fields });
const samples = [
  sample('cotext fast', 'batch', { ms_median: 9 }),
  sample('cotext fast', 'batch', { ms_median: 5 }),
  sample('cotext fast', 'batch', { ms_median: 6 }),
  sample('cotext small', 'batch', { ms_median: 8 }),
  sample('cotext', 'merge', { ms_median: 7, ms_save_plain: 2, ms_save_fast: 5, updates: 10, update_bytes: 85 }),
  sample('cotext fast', 'local', { ms_median: 4 }),
  sample('yrs', 'batch', { ms_median: 30, form: 'rebased for yrs: 2 of 3' }),
  sample('loro', 'batch', { ms_median: 12 }),
  sample('yrs', 'load', { history_bytes: 100, history_zstd_bytes: 80, ms_save: 3 }),
  sample('loro', 'load', { history_bytes: 70, history_zstd_bytes: 90 }),
  sample('cotext small', 'load', { history_bytes: 35 }),
  sample('yrs', 'load', { ms_median: 6 }),
  sample('cola-crdt', 'load', { ms_median: 0.001 }),
  sample('cotext fast', 'load', { ms_median: 3 }),
  sample('yrs', 'local', { ms_median: 400 }),
  sample('jumprope', 'local', { ms_median: 2 }),
  sample('ot-text-unicode', 'local', { ms_median: 1 }),
  sample('cotext-js', 'local', { ms_median: 3 }),
  sample('yjs', 'local', { ms_median: 30 }),
  sample('cotext ot', 'local', { ms_median: 0.5 }),
  { ...sample('loro', 'batch', { ms_median: 0.1 }), row: 'A2' },
];
const { engines, ratios } = compareRow('A1', samples);
const values = (name) => engines.find(({ engine }) => engine === name).values;

// The median of the rounds, not the mean or the best, and of this row only.
assert.equal(values('cotext fast').batch, 6);
// Ours at its best against the best of the others.
assert.equal(ratios.batch.other.engine, 'loro');
assert.equal(ratios.batch.ratio, 0.5);
// Smaller of an engine's own form and that packed.
assert.equal(values('yrs').history, 80);
assert.equal(ratios.history.other.value, 70);
assert.equal(ratios.history.ratio, 0.5);
assert.equal(values('cotext').update, 8.5);
// Ours is measured while merging, theirs while loading.
assert.equal(ratios.save.ratio, 2 / 3);
// Who keeps no text only copies its caller's.
assert.equal(ratios.text.ratio, 0.5);
// What keeps no history is no peer, but the rope is a yardstick of its own.
assert.equal(ratios.local.ours.engine, 'cotext fast');
assert.equal(ratios.local.other.engine, 'yjs');
assert.equal(ratios.local.ratio, 4 / 30);
assert.equal(ratios.local_js.ratio, 0.1);
assert.equal(ratios.local_ot.ratio, 0.5);
assert.equal(ratios.local_rope.ratio, 2);
assert.equal(ratios.merge, undefined);

const text = renderText({ row: 'A1', engines, ratios });
assert.match(text, /batch: cotext fast \/ loro = 0\.500/);
assert.match(text, /^yrs: rebased for yrs: 2 of 3$/m);
assert.match(text, /^cotext small: batch of 1 rounds, not 3$/m);

const grown = [[1000, 2], [1000, 4], [1000, 2], [10000, 200]].map(([size, ms_median]) => ({
  ...sample('yrs', 'local', { ms_median }),
  row: `prepend@${size}`,
}));
const growth = compareGrowth([...samples, ...grown, { ...sample('loro', 'local', { ms_median: 1 }), row: 'prepend@1000' }]);
assert.deepEqual(growth.map(({ name }) => name), ['prepend']);
assert.ok(Math.abs(growth[0].lines[0].exponent - 2) < 1e-9);
assert.equal(growth[0].lines[1].exponent, undefined);
assert.match(renderGrowth(growth), /yrs +2\.00 ms at 1000, 200 ms at 10000; exponent 2\.00/);

const failures = [{ row: 'A1', mode: 'merge', engine: 'cola-crdt', why: 'it <stopped> & left' }];
const page = report.renderHtml([{ row: 'A1', engines, ratios }], growth, samples, failures);
assert.match(page, /it &lt;stopped&gt; &amp; left/);
assert.match(page, /<td>yrs /);
assert.match(page, /<td>2\.00<\/td><\/tr>/);
assert.doesNotMatch(page, /<script|https?:/);
assert.doesNotMatch(page, /NaN|undefined/);
