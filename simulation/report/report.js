// Draws the charts of a report from its data; the tables need no script.
(function () {
  "use strict";
  const report = JSON.parse(document.getElementById("report-data").textContent);
  const charts = report.sections.flatMap((section) => section.charts);
  const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
  const drawn = [];

  const color = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  // A number in few characters, for axes and legends.
  function short(value) {
    if (value === null || value === undefined) return "\u2013";
    const size = Math.abs(value);
    for (const [unit, name] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
      if (size >= unit) return String(Number((value / unit).toPrecision(3))) + name;
    }
    return String(Number(value.toPrecision(3)));
  }

  // Where a point is drawn: series of dots stand beside each other, so that none hides another.
  function placeOf(chart, series, x) {
    if (chart.categories.length === 0) return x;
    return x + (series - (chart.series.length - 1) / 2) * 0.12;
  }

  // All series over one list of x, with null where a series has no point.
  function align(chart) {
    const all = chart.series.map((series, i) =>
      new Map(series.points.map(([x, y]) => [placeOf(chart, i, x), y])));
    const xs = [...new Set(all.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
    return [xs, ...all.map((points) => xs.map((x) => (points.has(x) ? points.get(x) : null)))];
  }

  function seriesOf(chart) {
    return chart.series.map((series, i) => {
      const stroke = () => color("series-" + ((i % 8) + 1));
      const dots = chart.categories.length > 0;
      return {
        label: series.label,
        stroke,
        width: 2,
        dash: dashes[i % dashes.length],
        spanGaps: true,
        paths: dots ? () => null : undefined,
        points: { show: true, size: dots ? 9 : 6, stroke, fill: i % 2 ? () => color("paper") : stroke },
        value: (plot, value) => (value === null ? "" : short(value)),
      };
    });
  }

  // Logarithmic axes name the powers of ten, and where these are few, twice and five times as much.
  function onlyRound(plot, splits) {
    const rest = (v) => Number((v / 10 ** Math.floor(Math.log10(v) + 1e-9)).toPrecision(6));
    const few = splits.filter((v) => v > 0 && rest(v) === 1).length < 4;
    const named = few ? [1, 2, 5] : [1];
    return splits.map((v) => (v > 0 && named.includes(rest(v)) ? v : null));
  }

  function axesOf(chart) {
    const common = {
      stroke: () => color("ink"),
      grid: { stroke: () => color("line"), width: 1 },
      ticks: { stroke: () => color("line"), width: 1 },
      font: "12px system-ui, sans-serif",
      labelFont: "12px system-ui, sans-serif",
      labelSize: 18,
    };
    const name = (plot, splits) => splits.map((v) => (v === null ? "" : short(v)));
    const x = { ...common, label: chart.x_title, values: name };
    const y = { ...common, label: chart.y_title, values: name, size: 56 };
    if (chart.x_logarithmic) x.filter = onlyRound;
    if (chart.y_logarithmic) y.filter = onlyRound;
    if (chart.categories.length > 0) {
      x.splits = () => [...chart.categories.keys()];
      x.values = () => chart.categories;
      x.rotate = -35;
      x.size = 96;
      x.label = undefined;
    }
    return [x, y];
  }

  function scalesOf(chart, data) {
    const x = { time: false, distr: chart.x_logarithmic ? 3 : 1 };
    if (chart.categories.length > 0) x.range = [-0.5, chart.categories.length - 0.5];
    const y = { distr: chart.y_logarithmic ? 3 : 1 };
    if (!chart.y_logarithmic) y.range = (plot, low, high) => [Math.min(0, low), high * 1.05 || 1];
    return { x, y };
  }

  function size(place) {
    const width = Math.max(240, Math.floor(place.getBoundingClientRect().width));
    return { width, height: Math.round(Math.min(420, Math.max(260, width * 0.5))) };
  }

  function draw(chart, place) {
    const data = align(chart);
    const options = {
      ...size(place),
      series: [{ label: chart.x_title,
                 value: (plot, x) => (x === null ? "" : chart.categories[Math.round(x)] ?? short(x)) },
               ...seriesOf(chart)],
      axes: axesOf(chart),
      scales: scalesOf(chart, data),
      legend: { live: true },
      cursor: { drag: { x: false, y: false } },
      // The last of the slanting names reaches beyond the axis.
      padding: chart.categories.length > 0 ? [null, 64, null, null] : undefined,
    };
    const plot = new uPlot(options, data, place);
    drawn.push(plot);
    let width = options.width;
    new ResizeObserver(() => {
      const now = size(place);
      if (now.width !== width) plot.setSize(now);
      width = now.width;
    }).observe(place);
  }

  charts.forEach((chart, i) => {
    const place = document.getElementById("chart-" + i);
    if (chart.series.length === 0) place.parentElement.hidden = true;
    else draw(chart, place);
  });

  const redraw = () => drawn.forEach((plot) => plot.redraw(false, true));
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(query).addEventListener("change", redraw);
  }
})();
