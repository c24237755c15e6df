/**
 * Draws the charts of a report's page from the data that the page carries. Runs in a browser, without
 * a network; a page whose charts cannot be drawn still has its tables.
 */
/* global uPlot */
const { document } = globalThis;
const data = JSON.parse(document.getElementById('charts').textContent);
const HEIGHT = 240;
const NARROWEST = 200;

function color(name) {
  return globalThis.getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Three significant digits, as the tables have them. */
function figure(value) {
  return value === null || value === undefined ? '' : String(Number(value.toPrecision(3)));
}

function optionsOf(chart, width) {
  const axis = { stroke: color('soft'), grid: { stroke: color('line'), width: 1 } };
  return {
    width,
    height: HEIGHT,
    cursor: { y: false },
    scales: {
      x: { time: false, distr: chart.logX ? 3 : 1 },
      y: chart.rangeY ? { range: chart.rangeY } : chart.logY ? { distr: 3 } : {},
    },
    axes: [
      {
        ...axis,
        label: chart.labelX,
        values: (_, splits) =>
          splits.map((at) => (chart.ticksX ? (chart.ticksX[at] ?? '') : figure(at))),
        ...(chart.wholeX ? { incrs: [1, 2, 5, 10, 20, 50, 100] } : {}),
        ...(chart.ticksX ? { splits: () => Object.keys(chart.ticksX).map(Number) } : {}),
      },
      { ...axis, label: chart.labelY, size: 64, values: (_, splits) => splits.map(figure) },
    ],
    series: [
      { label: chart.labelX, value: (_, at) => figure(at) },
      ...chart.series.map(({ label, paint, points, dash }) => ({
        label,
        stroke: color(paint),
        width: points ? 0 : 2,
        ...(dash ? { dash: [6, 4] } : {}),
        points: points ? { show: true, size: 7, fill: color(paint) } : { show: false },
        value: (_, value) => figure(value),
      })),
    ],
  };
}

const drawn = [];

function draw() {
  for (const one of drawn.splice(0)) one.destroy();
  for (const [id, chart] of Object.entries(data)) {
    const place = document.getElementById(id);
    const width = Math.max(NARROWEST, place.clientWidth);
    drawn.push(new uPlot(optionsOf(chart, width), chart.values, place));
  }
}

draw();
// Colours and widths are the reader's to change.
globalThis.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
let waiting = 0;
globalThis.addEventListener('resize', () => {
  globalThis.clearTimeout(waiting);
  waiting = globalThis.setTimeout(draw, 100);
});
globalThis.addEventListener('beforeprint', draw);
