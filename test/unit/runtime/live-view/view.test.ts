import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { eventsFrom, neutouchB } from '../../../../devices/index.js';
import { Activity } from '../../../../runtime/live-view/activity.js';
import { drawFinger, type TaxelActivity } from '../../../../runtime/live-view/finger.js';
import { Canvas } from '../../../../runtime/live-view/paint.js';
import { renderView, type ViewState, viewSize } from '../../../../runtime/live-view/view.js';
import * as fc from '../../../support/fast-check.js';

function picture(taxels: readonly TaxelActivity[], colors = false): string[] {
  const canvas = new Canvas(20, 8);
  drawFinger(canvas, taxels, 1, 2, 13, 5);
  return canvas.lines(colors);
}

const rest = { on: 0, off: 0 };

test('taxels stand as they lie: x to the right, y up, a row for two columns', () => {
  const corners = [
    { x: 0, y: 0, ...rest },
    { x: 6, y: 0, ...rest },
    { x: 0, y: 4, on: 9, off: 0 },
    { x: 3, y: 2, on: 0, off: 1 },
  ];
  assert.deepEqual(picture(corners), ['', '  ●', '', '        ∘', '', '  ·           ·', '', '']);
});

test('a wide sensor is limited by the width of the box, a high one by its height', () => {
  const wide = picture([0, 1, 2, 3].map((x) => ({ x: 100 * x, y: 0, ...rest })));
  assert.deepEqual(
    wide.filter((line) => line !== ''),
    ['  ·   ·   ·   ·'],
  );
  const high = picture([0, 1, 2, 3, 4].map((y) => ({ x: 0, y, ...rest })));
  assert.deepEqual(high, ['', ...Array.from({ length: 5 }, () => '        ·'), '', '']);
});

test('one taxel stands in the middle, no taxel draws nothing, and places that are no numbers are left out', () => {
  assert.deepEqual(picture([{ x: 7, y: 7, ...rest }])[3], '        ·');
  assert.ok(picture([]).every((line) => line === ''));
  assert.ok(picture([{ x: Number.NaN, y: 0, ...rest }]).every((line) => line === ''));
});

test('glyphs grow with activity; rising is warm, falling is cool', () => {
  const glyph = (on: number, off = 0): string => picture([{ x: 0, y: 0, on, off }])[3]!.trim();
  assert.deepEqual(
    [0, 0.2, 1, 3, 5, 1e9].map((on) => glyph(on)),
    ['·', '·', '∘', 'o', '●', '●'],
  );
  const colour = (on: number, off: number): number =>
    Number(/38;5;(\d+)m[●]/.exec(picture([{ x: 0, y: 0, on, off }], true)[3]!)?.[1]);
  assert.equal(colour(6, 0), 226);
  assert.equal(colour(0, 6), 51);
});

test('every taxel of the NeuTouch finger has a place of its own in the live view', () => {
  const canvas = new Canvas(23, 15);
  drawFinger(
    canvas,
    neutouchB.taxels.map(({ x, y }) => ({ x, y, ...rest })),
    0,
    0,
    23,
    15,
  );
  const dots = canvas.lines(false).join('').replaceAll(' ', '');
  assert.equal(dots.length, neutouchB.taxels.length);
});

const positions = [
  { x: 0, y: 0 },
  { x: 1, y: 2 },
];

test('events count for their taxel and polarity, and fade to 1/e in 150 ms', () => {
  const activity = new Activity(positions, 1000);
  activity.add(
    eventsFrom([
      [0, 0, 1],
      [1, 1, 0],
      [2, 1, 0],
    ]),
  );
  assert.deepEqual(activity.taxels, [
    { x: 0, y: 0, on: 1, off: 0 },
    { x: 1, y: 2, on: 0, off: 2 },
  ]);
  activity.advance(1150);
  assert.ok(Math.abs(activity.taxels[1]!.off - 2 / Math.E) < 1e-6);
  activity.advance(5000);
  activity.advance(5001);
  assert.deepEqual(
    activity.taxels.map(({ on, off }) => on + off),
    [0, 0],
  );
});

test('a taxel that is not there changes nothing', () => {
  const activity = new Activity(positions, 0);
  activity.add(eventsFrom([[0, 7, 1]]));
  assert.deepEqual(
    activity.taxels.map(({ on, off }) => on + off),
    [0, 0],
  );
});

test('the history counts events a tenth of a second, oldest first; their rate is that of the last second', () => {
  const activity = new Activity(positions, 0);
  for (let step = 0; step < 25; step++) {
    activity.add(eventsFrom(Array.from({ length: step }, (_, i) => [i, 0, 1] as const)));
    activity.advance(100 * (step + 1));
  }
  assert.deepEqual(
    activity.history,
    Array.from({ length: 20 }, (_, i) => i + 5),
  );
  assert.equal(
    activity.eventsPerSecond,
    [15, 16, 17, 18, 19, 20, 21, 22, 23, 24].reduce((a, b) => a + b),
  );
  activity.advance(60_000);
  assert.equal(activity.eventsPerSecond, 0);
});

const calm: ViewState = {
  title: 'whorl demo',
  where: 'mqtt://127.0.0.1:1883  tactile/v1/demo/#',
  taxels: neutouchB.taxels.map(({ x, y }) => ({ x, y, on: 0, off: 0 })),
  scores: [],
  eventHistory: [0, 0, 5],
  eventsPerSecond: 1234,
  windows: 0,
  dropped: 0,
  hint: 'q or Ctrl-C ends',
};
const touched: ViewState = {
  ...calm,
  scores: [
    { label: 'press', score: 0.9 },
    { label: 'slip', score: 0.1 },
  ],
  decision: { label: 'press', confidence: 0.9, window: 3, events: 512, truth: 'press' },
  latency: { p50: 3.25, p99: 12 },
  windows: 3,
  right: 2,
  dropped: 1,
};

describe('the live view', () => {
  test('before the first touch it waits, and says where to listen', () => {
    const lines = renderView(calm, false);
    assert.equal(lines.length, viewSize.rows);
    assert.match(lines[0]!, /^ whorl demo {2,}mqtt:\/\/127\.0\.0\.1:1883 {2}tactile\/v1\/demo\/#$/);
    assert.match(lines[3]!, /waiting for the first touch/);
    assert.match(lines[14]!, /events\/s +··█ +1,234$/);
    assert.match(lines[15]!, /latency +-$/);
    assert.match(lines[16]!, /windows +0, 0 dropped$/);
    assert.match(lines[18]!, /^ {3}rising falling +q or Ctrl-C ends$/);
  });

  test('then scores as bars, the decision with what it was, and figures', () => {
    const lines = renderView(touched, false);
    assert.match(lines[2]!, /press {7}█{23}▍ +90 %$/);
    assert.match(lines[3]!, /slip {8}██▋ +10 %$/);
    assert.match(lines[5]!, /press {2}90 % +it was press ✓$/);
    assert.match(lines[6]!, /window 3, 512 events$/);
    assert.match(lines[15]!, /3\.3 ms median, 12\.0 ms p99$/);
    assert.match(lines[16]!, /3, 2 right, 1 dropped$/);
    const wrong = renderView({ ...touched, decision: { ...touched.decision!, truth: 'slip' } }, false);
    assert.match(wrong[5]!, /it was slip ✗$/);
    const unknown = renderView(
      { ...touched, decision: { label: 'press', confidence: 1, window: 1, events: 2 } },
      false,
    );
    assert.match(unknown[5]!, /press {2}100 %$/);
  });

  test('of 36 classes the nine best are shown, best first, and nothing is drawn over', () => {
    const scores = Array.from({ length: 36 }, (_, i) => ({
      label: `class ${i}`,
      score: ((i * 7) % 36) / 36,
    }));
    const lines = renderView({ ...touched, scores }, false);
    const shown = lines.slice(2, 11).map((line) => /class (\d+)/.exec(line)?.[1]);
    const best = [...scores].sort((a, b) => b.score - a.score).slice(0, 9);
    assert.deepEqual(
      shown,
      best.map(({ label }) => label.slice(6)),
    );
    assert.match(lines[12]!, /press {2}90 %/);
    assert.match(lines[14]!, /events\/s/);
  });

  test('colours only where they are wanted, and the same picture without them', () => {
    const plain = renderView(touched, false);
    const coloured = renderView(touched, true);
    assert.ok(plain.every((line) => !line.includes('\x1b')));
    assert.ok(coloured.every((line) => line.endsWith('\x1b[0m')));
    const stripped = coloured.map((line) => stripVTControlCharacters(line).trimEnd());
    assert.deepEqual(stripped, plain);
  });

  test('it is never wider than 80 columns nor higher than its rows, whatever the state', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.constantFrom('', '触覚の分類器がここに名前を書く'.repeat(6), 'x'.repeat(300), '\x1b[2J\n\t😀'),
    );
    const figure = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 1e300, -1, 0, Number.POSITIVE_INFINITY));
    const state: fc.Arbitrary<ViewState> = fc.record(
      {
        title: fc.constantFrom('whorl demo', 'x'.repeat(40)),
        where: text,
        taxels: fc.array(fc.record({ x: figure, y: figure, on: figure, off: figure }), { maxLength: 50 }),
        scores: fc.array(fc.record({ label: text, score: figure }), { maxLength: 40 }),
        decision: fc.record(
          { label: text, confidence: figure, window: fc.nat(), events: fc.nat(), truth: text },
          { requiredKeys: ['label', 'confidence', 'window', 'events'] },
        ),
        eventHistory: fc.array(fc.nat(), { maxLength: 60 }),
        eventsPerSecond: figure,
        latency: fc.record({ p50: figure, p99: figure }),
        windows: fc.nat(),
        dropped: fc.nat(),
        right: fc.nat(),
        hint: text,
      },
      {
        requiredKeys: [
          ...(['title', 'where', 'taxels', 'scores', 'eventHistory', 'eventsPerSecond'] as const),
          ...(['windows', 'dropped', 'hint'] as const),
        ],
      },
    );
    fc.assert(
      fc.property(state, (any) => {
        const lines = renderView(any, false);
        assert.equal(lines.length, viewSize.rows);
        for (const line of lines) {
          const wide = [...line].filter((character) =>
            /[\p{Script=Han}\p{Script=Hiragana}😀]/u.test(character),
          );
          assert.ok([...line].length + wide.length <= viewSize.columns, JSON.stringify(line));
          assert.doesNotMatch(line, /\p{Cc}/u);
        }
      }),
      { numRuns: 200 },
    );
  });
});
