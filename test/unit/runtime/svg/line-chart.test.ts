import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type LineChart, lineChart, ticks } from '../../../../runtime/svg/line-chart.js';
import { assertXml } from '../../../support/xml.js';

const chart: LineChart = {
  title: 'Accuracy <of> "a & b"',
  x: { title: 'time (s)', max: 2 },
  y: { title: 'accuracy (%)', max: 100 },
  lines: [
    {
      name: 'hybrid & more',
      look: 0,
      points: [
        [0, 0],
        [1, 50],
        [2, 100],
      ],
    },
    {
      name: 'time branch',
      look: 2,
      points: [
        [0, 10],
        [2, 20],
      ],
    },
  ],
  level: { name: 'chance', y: 25 },
};

describe('a chart', () => {
  test('is well-formed, whatever stands in its texts, and the same each time', () => {
    const svg = lineChart(chart);
    assertXml(svg);
    assert.equal(lineChart(structuredClone(chart)), svg);
    assert.match(svg, /<title>Accuracy &lt;of&gt; &quot;a &amp; b&quot;<\/title>/);
    assert.ok(!/class="title"[^>]*style/.test(svg));
    const long = lineChart({ ...chart, title: 'x'.repeat(132) });
    assert.match(long, /class="title"[^>]*style="font-size:8px"/);
    assertXml(lineChart({ ...chart, title: 'bell\u0007, null\u0000 and 触覚' }));
  });

  test('draws every line from corner to corner of the axes, the first one thick and on top', () => {
    const paths = [...lineChart(chart).matchAll(/<path class="(line [^"]*)" d="M([^"]*)"\/>/g)].map(
      ([, kind, d]) => [kind, d],
    );
    assert.deepEqual(paths, [
      ['line look2', '64 331L520 300'],
      ['line look0 main', '64 362L292 207L520 52'],
      // The samples of the legend, in the order of the lines.
      ['line look0 main', '544 62H574'],
      ['line look2', '544 86H574'],
    ]);
    assert.match(lineChart(chart), /<path class="level" d="M64 284.5H520"\/>/);
  });

  test('says what the axes show, with their unit and round numbers', () => {
    const texts = [...lineChart(chart).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
    assert.deepEqual(texts.slice(1), [
      ...['0', '0.5', '1', '1.5', '2', 'time (s)'],
      ...['0', '20', '40', '60', '80', '100', 'accuracy (%)'],
      ...['hybrid &amp; more', 'time branch', 'chance'],
    ]);
  });

  test('has a colour of its own for every look, on light and on dark pages', () => {
    const [light, dark] = lineChart(chart).split('@media (prefers-color-scheme:dark)');
    for (const page of [light!, dark!]) {
      const colours = [...page.matchAll(/\.look\d\{stroke:(#[0-9a-f]{6})\}/g)].map(([, colour]) => colour);
      assert.equal(colours.length, 5);
      assert.equal(new Set(colours).size, 5);
    }
  });

  test('refuses what it cannot draw', () => {
    const [line] = chart.lines;
    const draw = (change: Partial<LineChart>) => () => lineChart({ ...chart, ...change });
    assert.throws(
      draw({ lines: [{ ...line!, look: 5 }] }),
      /line "hybrid & more": look 5 is not within 0..4/,
    );
    assert.throws(
      draw({ lines: [{ ...line!, points: [[3, 0]] }] }),
      /the point \[3,0\] lies outside the chart/,
    );
    assert.throws(draw({ level: { name: 'chance', y: Number.NaN } }), /line "chance": the point \[0,NaN\]/);
    assert.throws(draw({ x: { title: 't', max: 0 } }), /axis "t": 0 is no end above 0/);
  });
});

test('ticks are round and few, for axes of any length', () => {
  assert.deepEqual(ticks(100), [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(ticks(5), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(ticks(6.5), [0, 2, 4, 6]);
  assert.deepEqual(ticks(0.3), [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]);
  for (const max of [1e-6, 0.0123, 0.7, 3.3, 59, 61, 3600, 1e9])
    assert.ok(ticks(max).length >= 3 && ticks(max).length <= 7 && ticks(max).at(-1)! <= max, `${max}`);
});
