import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  type Geometry,
  geometryId,
  isPermutation,
  locationOrder,
  neutouchA,
  neutouchB,
  neutouchPublished,
  planePositions,
} from '../../../../devices/index.js';
import { meanStep } from '../../../../models/index.js';

/** Mean distance in mm from one taxel of an order to the next. */
function stepOf(geometry: Geometry, orderName: string): string {
  return meanStep(locationOrder(geometry, orderName), planePositions(geometry)).toFixed(2);
}

for (const geometry of [neutouchA, neutouchB, neutouchPublished]) {
  suite(geometry.id, () => {
    test('has 39 taxels at different places, and one in the middle', () => {
      assert.equal(geometry.taxels.length, 39);
      assert.equal(new Set(geometry.taxels.map(({ x, y }) => `${x} ${y}`)).size, 39);
      assert.ok(geometry.taxels.some(({ x, y }) => x === 0 && y === 0));
    });

    test('has location orders that visit each taxel once', () => {
      const names = Object.keys(geometry.orders);
      assert.deepEqual(names, ['row', 'arch', 'whorl', 'published-arch', 'published-whorl']);
      for (const name of names) assert.ok(isPermutation(locationOrder(geometry, name), 39), name);
    });

    test('has a channel number of its own for each taxel', () =>
      assert.equal(new Set(geometry.taxels.map(({ raw }) => raw)).size, 39));

    test('its arch and whorl go from neighbour to neighbour', () => {
      assert.equal(stepOf(geometry, 'arch'), '3.87');
      assert.equal(stepOf(geometry, 'whorl'), '3.04');
    });
  });
}

test('the corrected orders are the sequences of the measured maps', () => {
  assert.deepEqual(locationOrder(neutouchA, 'arch').slice(0, 7), [16, 18, 15, 17, 11, 10, 12]);
  assert.deepEqual(locationOrder(neutouchB, 'arch').slice(0, 7), [20, 21, 22, 19, 26, 27, 25]);
  assert.deepEqual(locationOrder(neutouchA, 'whorl').slice(0, 7), [38, 2, 1, 0, 35, 36, 37]);
  assert.deepEqual(locationOrder(neutouchB, 'whorl').slice(0, 7), [38, 35, 36, 37, 2, 1, 0]);
});

test('the published orders jump about on the real finger: 7 mm a step, as a random order does', () => {
  assert.equal(stepOf(neutouchA, 'published-arch'), '7.30');
  assert.equal(stepOf(neutouchB, 'published-arch'), '7.19');
  assert.equal(stepOf(neutouchA, 'published-whorl'), '7.04');
  assert.equal(stepOf(neutouchB, 'published-whorl'), '6.71');
});

test('the published orders are the true ones of the published numbering', () => {
  const { orders } = neutouchPublished;
  assert.deepEqual(orders['published-arch'], orders['arch']);
  assert.deepEqual(orders['published-whorl'], orders['whorl']);
});

test('both fingers have the same receptors at the same places, but for the spare one and half a turn', () => {
  const places = (geometry: Geometry, turn: number): Map<number, [number, number]> =>
    new Map(geometry.taxels.map(({ x, y, raw }) => [raw, [x * turn, y * turn]]));
  const [a, b] = [places(neutouchA, 1), places(neutouchB, -1)];
  const shared = [...a.keys()].filter((raw) => b.has(raw));
  const apart = shared.filter((raw) => {
    const [p, q] = [a.get(raw)!, b.get(raw)!];
    return Math.max(Math.abs(p[0] - q[0]), Math.abs(p[1] - q[1])) > 0.11;
  });
  assert.equal(shared.length, 38);
  assert.deepEqual(
    apart,
    [19],
    'receptor 19 stands in for the absent one, which differs between the fingers',
  );
});

test('the row order of the data is itself a path over the pad', () => {
  assert.equal(stepOf(neutouchA, 'row'), '4.06');
  assert.equal(stepOf(neutouchB, 'row'), '3.89');
});

test('plane positions are those of the taxels, for graphs', () => {
  const positions = planePositions(neutouchB);
  assert.deepEqual(positions[38], [0, 0]);
  assert.deepEqual(
    positions,
    neutouchB.taxels.map(({ x, y }) => [x, y]),
  );
});

test('an unknown order is refused with the names there are', () => {
  assert.throws(
    () => locationOrder(neutouchB, 'loop'),
    /neutouch-b has no location order "loop"; it has: row, arch/,
  );
  assert.throws(() => locationOrder(neutouchB, 'constructor'), RangeError);
});

test('geometry ids stay what they are: devices in the field carry them', () => {
  const ids = [neutouchA, neutouchB, neutouchPublished].map((g) => geometryId(g).toString(16));
  assert.deepEqual(ids, ['cc75ff88', '4074c278', '57a2ac54']);
});
