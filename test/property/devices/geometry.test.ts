import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  AddressMap,
  CORNERS,
  createEventBatch,
  type Geometry,
  GeometryError,
  type Grid,
  geometryId,
  gridTaxels,
  isPermutation,
  neutouchA,
  neutouchB,
  parseGeometry,
} from '../../../devices/index.js';
import { closeness, rankCorrelation } from '../../support/co-activation.js';
import * as fc from '../../support/fast-check.js';

const anyGrid: fc.Arbitrary<Grid> = fc.record({
  rows: fc.integer({ min: 1, max: 12 }),
  cols: fc.integer({ min: 1, max: 12 }),
  pitch: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
  order: fc.constantFrom('row-major' as const, 'column-major' as const),
  origin: fc.constantFrom(...CORNERS),
  flip: fc.tuple(fc.boolean(), fc.boolean()),
});

function shuffled(count: number): fc.Arbitrary<number[]> {
  const all = Array.from({ length: count }, (_, i) => i);
  return fc.shuffledSubarray(all, { minLength: count, maxLength: count });
}

function moved(geometry: Geometry, move: (x: number, y: number) => [number, number]): Geometry {
  const taxels = geometry.taxels.map((taxel) => {
    const [x, y] = move(taxel.x, taxel.y);
    return { ...taxel, x, y };
  });
  return { ...geometry, taxels };
}

suite('grids', () => {
  test('every way of numbering names the same places, each once', () =>
    fc.assert(
      fc.property(anyGrid, (grid) => {
        const places = (g: Grid): string[] =>
          gridTaxels(g)
            .map(({ x, y }) => `${x + 0} ${y + 0}`)
            .sort();
        const plain = { rows: grid.rows, cols: grid.cols, pitch: grid.pitch };
        assert.deepEqual(places(grid), places(plain));
        assert.equal(new Set(places(grid)).size, grid.rows * grid.cols);
      }),
    ));

  test('cells that follow each other along the first axis are one pitch apart', () =>
    fc.assert(
      fc.property(anyGrid, (grid) => {
        const along = grid.order === 'column-major' ? grid.rows : grid.cols;
        const taxels = gridTaxels(grid);
        for (let i = 1; i < taxels.length; i++) {
          if (i % along === 0) continue;
          const [a, b] = [taxels[i - 1]!, taxels[i]!];
          const step = grid.order === 'column-major' ? Math.abs(a.y - b.y) : Math.abs(a.x - b.x);
          assert.equal(step, grid.pitch[grid.order === 'column-major' ? 1 : 0]);
        }
      }),
    ));
});

suite('permutations', () => {
  test('a permutation of a grid moves taxels and channels together, and loses none', () =>
    fc.assert(
      fc.property(
        anyGrid.chain((grid) => fc.tuple(fc.constant(grid), shuffled(grid.rows * grid.cols))),
        ([grid, perm]) => {
          const cells = gridTaxels(grid);
          const geometry = parseGeometry({ id: 'mat', grid, perm });
          assert.deepEqual(
            geometry.taxels,
            perm.map((cell) => cells[cell]),
          );
        },
      ),
    ));

  test('an order that misses or repeats a taxel is refused, any other is kept', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 6 }), (order) => {
        const parse = () =>
          parseGeometry({ id: 'pad', grid: { rows: 2, cols: 2, pitch: [1, 1] }, orders: { order } });
        if (isPermutation(order, 4)) assert.deepEqual(parse().orders['order'], order);
        else assert.throws(parse, GeometryError);
        assert.equal(isPermutation(order, 4), [...order].sort().join() === '0,1,2,3');
      }),
    ));

  test('an address map is the inverse of the channel numbers', () =>
    fc.assert(
      fc.property(shuffled(39), (raw) => {
        const taxels = neutouchB.taxels.map((taxel, i) => ({ ...taxel, raw: raw[i]! }));
        const map = new AddressMap({
          geometry: { ...neutouchB, taxels },
          addressing: 'raw',
          invertPolarity: false,
        });
        const batch = createEventBatch(39);
        batch.taxel.set(raw);
        batch.length = 39;
        assert.equal(map.apply(batch), 0);
        assert.deepEqual([...batch.taxel], [...Array(39).keys()]);
      }),
    ));
});

suite('frames of reference', () => {
  const activity = Float64Array.from(closeness(neutouchA), (near, i) => near + Math.sin(i) * 4);

  test('turning or mirroring the pad changes no closeness, so no graph and no fit', () =>
    fc.assert(
      fc.property(fc.double({ min: 0, max: 6.3, noNaN: true }), fc.boolean(), (angle, mirror) => {
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        const turned = moved(neutouchB, (x, y) => [(c * x - s * y) * (mirror ? -1 : 1), s * x + c * y]);
        const [before, after] = [closeness(neutouchB), closeness(turned)];
        assert.ok(before.every((near, i) => Math.abs(near - after[i]!) < 1e-9));
        const fits = [neutouchB, turned].map((geometry) => rankCorrelation(activity, closeness(geometry)));
        assert.ok(Math.abs(fits[0]! - fits[1]!) < 0.01, `${fits}`);
      }),
      { numRuns: 30 },
    ));

  test('but it is another geometry to a device', () =>
    assert.notEqual(geometryId(moved(neutouchB, (x, y) => [-x, y])), geometryId(neutouchB)));
});
