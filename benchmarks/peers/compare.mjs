// Medians, the best of the others, and ratios, of the samples that run.mjs collects.

export const MODES = ['local', 'merge', 'batch', 'load'];

// What is compared: a column's key, its title, the mode (none: any) and field that it is from, and its
// unit.
export const COLUMNS = [
  { key: 'local', title: 'local edits', mode: 'local', field: 'ms_median', unit: 'ms' },
  { key: 'merge', title: 'merge, an update per transaction', mode: 'merge', field: 'ms_median', unit: 'ms' },
  { key: 'batch', title: 'merge, history in one piece', mode: 'batch', field: 'ms_median', unit: 'ms' },
  { key: 'text', title: 'load to text', mode: 'load', field: 'ms_median', unit: 'ms' },
  { key: 'editable', title: 'load to edit', mode: 'load', field: 'ms_editable', unit: 'ms' },
  { key: 'save', title: 'save', field: 'ms_save', unit: 'ms' },
  { key: 'history', title: 'whole history', mode: 'load', field: 'history_smallest', unit: 'bytes' },
  { key: 'compact', title: 'without deleted text', mode: 'load', field: 'compact_smallest', unit: 'bytes' },
  { key: 'state', title: 'without history', mode: 'load', field: 'state_smallest', unit: 'bytes' },
  { key: 'update', title: 'bytes per transaction sent', mode: 'merge', field: 'update_mean', unit: 'bytes' },
  { key: 'steady', title: 'memory after merging', mode: 'merge', field: 'steady_bytes', unit: 'bytes' },
  { key: 'peak', title: 'most memory while merging', mode: 'merge', field: 'peak_bytes', unit: 'bytes' },
];

// What is compared with what: native engines with all others, since some of those have no native build;
// what runs in Node.js with its like; OT with OT, which keeps nothing that could be merged without a
// server. Text buffers are yardsticks for local edits alone.
const JS = ['cotext-js', 'yjs', 'ywasm', 'automerge-js', 'loro-js', 'diamond-types-node'];
const OT = ['cotext ot', 'ot-text-unicode'];
const isMerging = (engine) => !engine.startsWith('jumprope') && !OT.includes(engine);
const GROUPS = [
  {
    suffix: '',
    ours: (engine) => ['cotext', 'cotext fast', 'cotext one', 'cotext small'].includes(engine),
    other: (engine) => !engine.startsWith('cotext') && isMerging(engine),
  },
  { suffix: '_js', ours: (engine) => engine === JS[0], other: (engine) => JS.indexOf(engine) > 0 },
  { suffix: '_ot', ours: (engine) => engine === OT[0], other: (engine) => engine === OT[1] },
];
const isNative = GROUPS[0].ours;
// What of these is a load to text is only a copy of what their caller keeps.
const KEEPS_NO_TEXT = ['cola-crdt'];

export function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// Adds to a sample what follows from its fields: an engine's bytes are its own smallest form, or that
// packed by zstd if it is smaller still.
function derived(sample) {
  const smallest = (name) => {
    const sizes = [sample[`${name}_bytes`], sample[`${name}_zstd_bytes`]].filter((size) => size > 0);
    return sizes.length ? Math.min(...sizes) : undefined;
  };
  return {
    ...sample,
    history_smallest: smallest('history'),
    compact_smallest: smallest('compact'),
    state_smallest: smallest('state') ?? sample.trimmed_bytes,
    update_mean: sample.updates ? sample.update_bytes / sample.updates : undefined,
    // Without compression, as most of the others save.
    ms_save: sample.ms_save ?? sample.ms_save_plain,
  };
}

// Returns a row's engines, each with the median of every column that it has and of how many rounds that
// is, and for every column and group the best of ours, the best of the others, and ours divided by that.
export function compareRow(row, samples) {
  const of_row = samples.filter((sample) => sample.row === row).map(derived);
  const engines = [...new Set(of_row.map(({ engine }) => engine))].map((engine) => {
    const own = of_row.filter((sample) => sample.engine === engine);
    const values = {};
    const counts = {};
    for (const { key, mode, field } of COLUMNS) {
      const found = own.filter((sample) => (!mode || sample.mode === mode) && sample[field] > 0).map((sample) => sample[field]);
      if (!found.length) continue;
      values[key] = medianOf(found);
      counts[key] = found.length;
    }
    const form = own.map((sample) => sample.form).find((words) => words && words !== 'as it is');
    return { engine, version: own.at(-1).version, form: form ?? 'as it is', values, counts };
  });
  const best = (key, which) =>
    engines
      .filter(({ engine, values }) => which(engine) && values[key] !== undefined && !(key === 'text' && KEEPS_NO_TEXT.includes(engine)))
      .map(({ engine, values }) => ({ engine, value: values[key] }))
      .sort((a, b) => a.value - b.value)[0];
  const ratios = {};
  for (const group of GROUPS) {
    for (const { key } of COLUMNS) {
      const ours = best(key, group.ours);
      const other = best(key, group.other);
      if (ours && other) ratios[key + group.suffix] = { ours, other, ratio: ours.value / other.value };
    }
  }
  const rope = best('local', (engine) => engine === 'jumprope');
  const local = best('local', isNative);
  if (rope && local) ratios.local_rope = { ours: local, other: rope, ratio: local.value / rope.value };
  return { row, engines, ratios };
}

export function formatNumber(value) {
  if (value === undefined) return '-';
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

// Says which engines took part in fewer rounds than others, since they are slow.
export function fewerRounds(engines) {
  return COLUMNS.flatMap(({ key }) => {
    const most = Math.max(...engines.map(({ counts }) => counts[key] ?? 0));
    return engines
      .filter(({ counts }) => counts[key] < most)
      .map(({ engine, counts }) => `${engine}: ${key} of ${counts[key]} rounds, not ${most}`);
  });
}

export function renderText({ row, engines, ratios }) {
  const lines = [`== ${row}`];
  const width = Math.max(...engines.map(({ engine }) => engine.length), 8);
  const cells = COLUMNS.map(({ key }) => key);
  lines.push(['engine'.padEnd(width), ...cells.map((cell) => cell.padStart(11))].join(' '));
  for (const { engine, values } of engines) {
    lines.push([engine.padEnd(width), ...cells.map((cell) => formatNumber(values[cell]).padStart(11))].join(' '));
  }
  for (const [key, { ours, other, ratio }] of Object.entries(ratios)) {
    lines.push(`${key}: ${ours.engine} / ${other.engine} = ${ratio.toFixed(3)}`);
  }
  for (const words of fewerRounds(engines)) lines.push(words);
  for (const { engine, form } of engines) {
    if (form && form !== 'as it is') lines.push(`${engine}: ${form}`);
  }
  return lines.join('\n');
}

// Returns, for every case in two sizes (rows named CASE@SIZE), each engine's times and the exponent of
// their growth: 1 is linear in the number of edits, 2 quadratic.
export function compareGrowth(samples) {
  const cases = new Map();
  for (const { row, engine, ms_median } of samples) {
    const [name, size] = row.split('@');
    if (!size) continue;
    if (!cases.has(name)) cases.set(name, new Map());
    const engines = cases.get(name);
    if (!engines.has(engine)) engines.set(engine, new Map());
    const times = engines.get(engine);
    times.set(Number(size), [...(times.get(Number(size)) ?? []), ms_median]);
  }
  const lines = (engines) =>
    [...engines].map(([engine, times]) => {
      const points = [...times].map(([size, ms]) => ({ size, ms: medianOf(ms) })).sort((a, b) => a.size - b.size);
      const [first, last] = [points[0], points.at(-1)];
      const exponent = first.size < last.size ? Math.log(last.ms / first.ms) / Math.log(last.size / first.size) : undefined;
      return { engine, points, exponent };
    });
  return [...cases].map(([name, engines]) => ({ name, lines: lines(engines) }));
}

export function renderGrowth(cases) {
  return cases
    .map(({ name, lines }) => {
      const rows = lines.map(({ engine, points, exponent }) => {
        const times = points.map(({ size, ms }) => `${formatNumber(ms)} ms at ${size}`).join(', ');
        return `${engine.padEnd(20)} ${times}; exponent ${exponent?.toFixed(2) ?? '-'}`;
      });
      return `== ${name}\n${rows.join('\n')}\n`;
    })
    .join('');
}
