import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORNERS, type Grid, gridTaxels } from '../../../../devices/index.js';

const grid: Grid = { rows: 2, cols: 3, pitch: [2, 5] };
const places = (change: Partial<Grid>): string[] =>
  gridTaxels({ ...grid, ...change }).map(({ x, y }) => `${x + 0},${y + 0}`);

test('a grid is centred, row-major, from the top left', () =>
  assert.deepEqual(places({}), ['-2,2.5', '0,2.5', '2,2.5', '-2,-2.5', '0,-2.5', '2,-2.5']));

test('column-major counts down the columns first', () =>
  assert.deepEqual(places({ order: 'column-major' }), [
    '-2,2.5',
    '-2,-2.5',
    '0,2.5',
    '0,-2.5',
    '2,2.5',
    '2,-2.5',
  ]));

test('cell 0 lies in the corner that origin names', () => {
  const corners = Object.fromEntries(CORNERS.map((origin) => [origin, places({ origin })[0]]));
  assert.deepEqual(corners, {
    'top-left': '-2,2.5',
    'top-right': '2,2.5',
    'bottom-left': '-2,-2.5',
    'bottom-right': '2,-2.5',
  });
});

test('a flip in x is the origin on the other side; in both it is half a turn', () => {
  assert.deepEqual(places({ flip: [true, false] }), places({ origin: 'top-right' }));
  assert.deepEqual(places({ flip: [false, true] }), places({ origin: 'bottom-left' }));
  const turned = gridTaxels(grid).map(({ x, y }) => `${-x + 0},${-y + 0}`);
  assert.deepEqual(places({ flip: [true, true] }), turned);
});

test('the channel of a cell is its number', () =>
  assert.deepEqual(
    gridTaxels(grid).map(({ raw }) => raw),
    [0, 1, 2, 3, 4, 5],
  ));
