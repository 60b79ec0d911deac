// Writes what run.mjs has measured (--json, one file or the parts of a run) as the tables of
// docs/BENCHMARKS.md, section 5, and as the picture in README.md.
//
//   node tables.mjs SAMPLES.json... [--chart FILE.svg]
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { compareGrowth, compareRow, formatNumber } from './compare.mjs';
import { renderChart } from './report.mjs';

const ROPES = ['jumprope', 'jumprope-buffered'];
const PEERS = ['diamond-types', 'yrs', 'loro', 'automerge', 'cola-crdt'];
const JS = ['yjs', 'ywasm', 'automerge-js', 'loro-js', 'diamond-types-node'];

const TABLES = [
  { key: 'local', title: 'Local edits, milliseconds', engines: ['cotext fast', 'cotext one', ...PEERS, ...ROPES] },
  { key: 'merge', title: 'An update per transaction, milliseconds', engines: ['cotext', ...PEERS] },
  { key: 'update', title: 'Bytes per transaction sent', engines: ['cotext', ...PEERS] },
  { key: 'batch', title: 'The whole history in one piece, milliseconds', engines: ['cotext fast', 'cotext small', ...PEERS] },
  { key: 'text', title: 'Load to text, milliseconds', engines: ['cotext fast', 'cotext small', ...PEERS] },
  { key: 'editable', title: 'Load to edit, milliseconds', engines: ['cotext fast', 'cotext small', ...PEERS] },
  { key: 'save', title: 'Save, without compression, milliseconds', engines: ['cotext', ...PEERS] },
  { key: 'history', title: 'Whole history, bytes', engines: ['cotext small', 'cotext fast', ...PEERS] },
  { key: 'compact', title: 'Without deleted text, bytes', engines: ['cotext small', 'cotext fast', ...PEERS] },
  { key: 'state', title: 'Without history, bytes', engines: ['cotext small', 'cotext fast', 'loro'] },
];

const PANELS = [
  { row: 'automerge-paper', key: 'local', title: 'automerge-paper typed' },
  { row: 'automerge-paper', key: 'merge', title: 'an update per keystroke merged' },
  { row: 'automerge-paper', key: 'batch', title: 'its whole history merged' },
  { row: 'A1', key: 'batch', title: 'A1, whole history merged' },
  { row: 'automerge-paper', key: 'editable', title: 'automerge-paper opened to edit' },
  { row: 'automerge-paper', key: 'history', title: 'its whole history' },
];

const row = (cells) => `| ${cells.join(' | ')} |`;
const rule = (columns) => `|---|${'--:|'.repeat(columns - 1)}`;
const kilobytes = (bytes) => (bytes === undefined ? '-' : Math.round(bytes / 1000).toLocaleString('en-US'));

// A number, with how many rounds it is of if that is fewer than of others.
function cell({ values, counts }, key, rounds) {
  if (values[key] === undefined) return '-';
  const of = counts[key] < rounds ? ` (${counts[key]})` : '';
  return `${Number.isInteger(values[key]) ? values[key].toLocaleString('en-US') : formatNumber(values[key])}${of}`;
}

function table({ key, title, engines }, comparisons, suffix = '') {
  const present = engines.filter((name) => comparisons.some((of) => of.engines.some(({ engine, values }) => engine === name && values[key] !== undefined)));
  const lines = comparisons.flatMap(({ row: name, engines: found, ratios }) => {
    const of = (engine) => found.find((each) => each.engine === engine) ?? { values: {}, counts: {} };
    if (!present.some((engine) => of(engine).values[key] !== undefined)) return [];
    const rounds = Math.max(...present.map((engine) => of(engine).counts[key] ?? 0));
    const ratio = ratios[key + suffix];
    return [row([name, ...present.map((engine) => cell(of(engine), key, rounds)), ratio ? `${ratio.ratio.toFixed(2)}, ${ratio.other.engine}` : '-'])];
  });
  if (!lines.length) return '';
  return [`**${title}**`, '', row(['trace', ...present, 'ratio, best']), rule(present.length + 2), ...lines, ''].join('\n');
}

// Steady and most memory of each mode, in kilobytes.
function memory(samples, rows) {
  const engines = ['cotext', ...PEERS];
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const lines = [];
  for (const mode of ['local', 'merge', 'batch']) {
    for (const name of rows) {
      const of = (engine, field) => {
        const own = (sample) => sample.engine === engine || (engine === 'cotext' && sample.engine === 'cotext fast');
        const found = samples.filter((sample) => sample.row === name && sample.mode === mode && own(sample) && sample[field] > 0);
        return found.length ? median(found.map((sample) => sample[field])) : undefined;
      };
      if (of('cotext', 'steady_bytes') === undefined) continue;
      const best = (field) => {
        const others = PEERS.map((engine) => ({ engine, value: of(engine, field) })).filter(({ value }) => value);
        const least = others.sort((a, b) => a.value - b.value)[0];
        return least ? `${(of('cotext', field) / least.value).toFixed(2)}, ${least.engine}` : '-';
      };
      const cells = engines.map((engine) => `${kilobytes(of(engine, 'steady_bytes'))} / ${kilobytes(of(engine, 'peak_bytes'))}`);
      lines.push(row([`${name}, ${mode}`, ...cells.map((each) => (each === '- / -' ? '-' : each)), best('steady_bytes'), best('peak_bytes')]));
    }
  }
  if (!lines.length) return '';
  return ['**Memory, steady / most, kilobytes**', '', row(['trace, mode', ...engines, 'ratio, steady', 'ratio, most']), rule(engines.length + 3), ...lines, ''].join('\n');
}

function growth(samples) {
  const cases = compareGrowth(samples);
  if (!cases.length) return '';
  const engines = ['cotext', ...PEERS, 'ot-text-unicode'];
  const lines = cases.map(({ name, lines: found }) => {
    const cells = engines.map((engine) => {
      const line = found.find((each) => each.engine === engine || (engine === 'cotext' && each.engine === 'cotext fast'));
      if (!line) return '-';
      return `${line.points.map(({ ms }) => formatNumber(ms)).join(', ')}${line.exponent === undefined ? '' : `: ${line.exponent.toFixed(2)}`}`;
    });
    return row([name, ...cells]);
  });
  return ['**Growth, milliseconds at each size, and the exponent**', '', row(['case', ...engines]), rule(engines.length + 1), ...lines, ''].join('\n');
}

function forms(comparisons) {
  const words = comparisons.flatMap(({ row: name, engines }) =>
    engines.filter(({ form }) => form !== 'as it is').map(({ form }) => `${name} ${form}`));
  return words.length ? `${[...new Set(words)].map((each) => `- ${each}`).join('\n')}\n` : '';
}

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { chart: { type: 'string' } } });
if (!positionals.length) {
  process.stderr.write('usage: node tables.mjs SAMPLES.json... [--chart FILE.svg]\n');
  process.exit(2);
}
const samples = positionals.flatMap((file) =>
  readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)));
const rows = [...new Set(samples.map(({ row: name }) => name))].filter((name) => !name.includes('@'));
const comparisons = rows.map((name) => compareRow(name, samples));
const inNode = ['local', 'merge', 'batch', 'text', 'editable'].map((key) => ({
  key, title: `In Node.js, ${TABLES.find((each) => each.key === key).title.toLowerCase()}`, engines: ['cotext-js', ...JS],
}));
const ot = ['local', 'batch'].map((key) => ({
  key, title: `OT, ${TABLES.find((each) => each.key === key).title.toLowerCase()}`, engines: ['cotext ot', 'ot-text-unicode'],
}));
process.stdout.write([
  ...TABLES.map((each) => table(each, comparisons)),
  memory(samples, rows),
  ...inNode.map((each) => table(each, comparisons, '_js')),
  ...ot.map((each) => table(each, comparisons, '_ot')),
  growth(samples),
  forms(comparisons),
].filter(Boolean).join('\n'));
if (options.chart) writeFileSync(options.chart, renderChart(comparisons, PANELS));
