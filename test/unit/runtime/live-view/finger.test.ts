import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neutouchB } from '../../../../devices/index.js';
import { drawFinger, type TaxelActivity } from '../../../../runtime/live-view/finger.js';
import { Canvas } from '../../../../runtime/live-view/paint.js';

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
