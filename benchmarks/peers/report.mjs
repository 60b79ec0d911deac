// The page of `--report`: a table and bars for each row, what each engine really does in each mode,
// and what failed. One file, without scripts, nothing loaded from elsewhere.
import { COLUMNS, fewerRounds, formatNumber, MODES } from './compare.mjs';

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

const STYLE = `
:root { color-scheme: light dark; --bar: #8aa4c8; --ours: #d9822b; --line: #8884; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0 1rem; }
th, td { border-bottom: 1px solid var(--line); padding: .2rem .6rem; text-align: right; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; }
.wide { overflow-x: auto; }
.charts { display: grid; gap: 1rem 2rem; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); }
figure { margin: 0; } figcaption { font-weight: 600; margin-bottom: .2rem; }
.best { font-weight: 700; } .ours { color: var(--ours); }
`;

const BAR_HEIGHT = 20;
const BARS_WIDTH = 420;

// Returns the bars of a column as a part of an SVG, and its height; nothing if there is nothing to compare.
// The scale is logarithmic: engines differ by factors of hundreds.
export function drawBars(key, engines) {
  const shown = engines.filter(({ values }) => values[key] !== undefined).sort((a, b) => a.values[key] - b.values[key]);
  if (shown.length < 2) return undefined;
  const least = shown[0].values[key] / 2;
  const most = Math.log(shown.at(-1).values[key] / least);
  const bars = shown.map(({ engine, values }, i) => {
    const width = (200 * Math.log(values[key] / least)) / most;
    const color = engine.startsWith('cotext') ? 'var(--ours)' : 'var(--bar)';
    const y = i * BAR_HEIGHT;
    return `<text x="138" y="${y + 14}" text-anchor="end">${escape(engine)}</text>
<rect x="144" y="${y + 3}" width="${width.toFixed(1)}" height="14" fill="${color}"/>
<text x="${(148 + width).toFixed(1)}" y="${y + 14}">${formatNumber(values[key])}</text>`;
  });
  return { bars: bars.join('\n'), height: shown.length * BAR_HEIGHT };
}

function renderBars({ key, title, unit }, engines) {
  const drawn = drawBars(key, engines);
  if (!drawn) return '';
  return `<figure><figcaption>${escape(title)}, ${unit}</figcaption>
<svg viewBox="0 0 ${BARS_WIDTH} ${drawn.height}" width="${BARS_WIDTH}" font-size="11" fill="currentColor" role="img" aria-label="${escape(title)}">
${drawn.bars}</svg></figure>`;
}

// Returns a picture of some columns of some rows, two beside each other: `panels` has for each its row, the
// key of its column, and its title. It stands alone, for light and dark pages.
export function renderChart(comparisons, panels) {
  const titleHeight = 26;
  const drawn = panels.flatMap(({ row, key, title }) => {
    const found = comparisons.find((comparison) => comparison.row === row);
    const { unit } = COLUMNS.find((column) => column.key === key);
    const engines = found?.engines.filter(({ engine }) => engine !== 'cotext small' || key === 'history') ?? [];
    const bars = drawBars(key, engines);
    return bars ? [{ ...bars, title: `${title}, ${unit}` }] : [];
  });
  const parts = [];
  let top = 0;
  for (let i = 0; i < drawn.length; i += 2) {
    const pair = drawn.slice(i, i + 2);
    pair.forEach(({ bars, title }, side) => {
      parts.push(`<g transform="translate(${side * (BARS_WIDTH + 20)} ${top})"><text x="144" y="16" font-weight="600">${escape(title)}</text>
<g transform="translate(0 ${titleHeight})">${bars}</g></g>`);
    });
    top += titleHeight + Math.max(...pair.map(({ height }) => height)) + 14;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * BARS_WIDTH + 20} ${top}" font-family="system-ui, sans-serif" font-size="11" role="img" aria-label="cotext beside other engines">
<style>
svg { --bar: #8aa4c8; --ours: #d9822b; fill: #1f2328; }
@media (prefers-color-scheme: dark) { svg { fill: #e6edf3; } }
</style>
${parts.join('\n')}
</svg>
`;
}

// Of each group of compare.mjs.
const FEET = { '': 'ours / best other', _js: 'in Node.js: ours / best other', _ot: 'OT: ours / other' };

function renderTable({ engines, ratios }) {
  const head = COLUMNS.map(({ title, unit }) => `<th>${escape(title)}, ${unit}</th>`).join('');
  const body = engines.map(({ engine, version, values }) => {
    const cells = COLUMNS.map(({ key }) => {
      const best = [ratios[key]?.ours, ratios[key]?.other].some((side) => side?.engine === engine);
      return `<td${best ? ' class="best"' : ''}>${formatNumber(values[key])}</td>`;
    });
    const ours = engine.startsWith('cotext') ? ' class="ours"' : '';
    return `<tr><td${ours}>${escape(engine)} ${escape(version ?? '')}</td>${cells.join('')}</tr>`;
  });
  const feet = Object.entries(FEET).map(([suffix, title]) => {
    const cells = COLUMNS.map(({ key }) => `<td>${ratios[key + suffix]?.ratio.toFixed(3) ?? '-'}</td>`);
    return `<tr><td>${title}</td>${cells.join('')}</tr>`;
  });
  const rope = ratios.local_rope ? `<p>Local edits / jumprope's: ${ratios.local_rope.ratio.toFixed(3)}.</p>` : '';
  return `<div class="wide"><table><thead><tr><th>engine</th>${head}</tr></thead>
<tbody>${body.join('\n')}</tbody><tfoot>${feet.join('')}</tfoot></table></div>${rope}`;
}

function renderRow(comparison) {
  const { row, engines } = comparison;
  const forms = engines.filter(({ form }) => form && form !== 'as it is');
  const words = [...forms.map(({ engine, form }) => `${engine}: ${form}`), ...fewerRounds(engines)];
  const notes = words.map((each) => `<li>${escape(each)}</li>`).join('');
  const charts = COLUMNS.map((column) => renderBars(column, engines)).join('\n');
  return `<h2>${escape(row)}</h2>${renderTable(comparison)}${notes && `<ul>${notes}</ul>`}<div class="charts">${charts}</div>`;
}

// What each engine does in each mode, in its adapter's words.
function renderWords(samples) {
  const words = new Map();
  for (const { engine, mode, what, sizes } of samples) {
    if (what) words.set(`${engine}\n${mode}`, what);
    if (sizes) words.set(`${engine}\nsizes`, sizes);
  }
  const engines = [...new Set([...words.keys()].map((key) => key.split('\n')[0]))];
  const columns = [...MODES, 'sizes'];
  const rows = engines.map((engine) => {
    const cells = columns.map((column) => `<td style="text-align:left">${escape(words.get(`${engine}\n${column}`) ?? '-')}</td>`);
    return `<tr><td>${escape(engine)}</td>${cells.join('')}</tr>`;
  });
  const head = columns.map((column) => `<th>${column}</th>`).join('');
  return `<div class="wide"><table><thead><tr><th>engine</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function renderCase({ name, lines }) {
  const rows = lines.map(({ engine, points, exponent }) => {
    const cells = points.map(({ ms }) => `<td>${formatNumber(ms)}</td>`).join('');
    const ours = engine.startsWith('cotext') ? ' class="ours"' : '';
    return `<tr><td${ours}>${escape(engine)}</td>${cells}<td>${exponent?.toFixed(2) ?? '-'}</td></tr>`;
  });
  const head = (lines[0]?.points ?? []).map(({ size }) => `<th>ms at ${size}</th>`).join('');
  return `<figure><figcaption>${escape(name)}</figcaption><table><thead><tr><th>engine</th>${head}<th>exponent</th></tr></thead>
<tbody>${rows.join('')}</tbody></table></figure>`;
}

// Of the cases that are hard for some data structure or other.
function renderGrowth(cases) {
  if (!cases.length) return '';
  return `<h2>Growth</h2><p>An exponent of 1 is linear in the number of edits, 2 quadratic.</p>
<div class="charts">${cases.map(renderCase).join('\n')}</div>`;
}

export function renderHtml(comparisons, growth, samples, failures) {
  const failed = failures.map(({ row, mode, engine, why }) => `<li>${escape(`${row}, ${mode}, ${engine}: ${why}`)}</li>`).join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>cotext and its peers</title><style>${STYLE}</style>
<h1>cotext and its peers</h1>
<p>Medians over interleaved rounds on one machine. Every run's text was compared with the trace's. Bold: the best of ours and of the others.
Bars are on a logarithmic scale. Bytes are each engine's smallest form, packed by zstd where that is smaller still.</p>
${comparisons.map(renderRow).join('\n')}
${renderGrowth(growth)}
<h2>What each mode does</h2>${renderWords(samples)}
${failed && `<h2>What failed</h2><ul>${failed}</ul>`}</html>
`;
}
