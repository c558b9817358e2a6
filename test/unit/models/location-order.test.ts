/** Location orders: random, learned from recordings; and how smooth a path an order is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { symmetricEigen } from '../../../models/graph/jacobi.js';
import {
  coActivation,
  learnedOrder,
  meanStep,
  randomOrder,
  seededRandom,
  shuffle,
  spectralOrder,
  type Touch,
  windowFromCells,
} from '../../../models/index.js';

const rows = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Symmetric matrix, row-major, from the value of each pair; 0 on the diagonal. */
function similarity(n: number, of: (i: number, j: number) => number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return i === j ? 0 : of(Math.min(i, j), Math.max(i, j));
  });
}

const path = (i: number, j: number): number => (Math.abs(i - j) === 1 ? 1 : 0);

describe('eigenpairs', () => {
  test('of a path are those of the textbook: 2 - 2 cos(pi k / n)', () => {
    const n = 39;
    const degree = (i: number): number => (i === 0 || i === n - 1 ? 1 : 2);
    const laplacian = similarity(n, path).map((s, at) => (at % (n + 1) === 0 ? degree(at / (n + 1)) : -s));
    const { values, vectors } = symmetricEigen(laplacian, n);
    for (let k = 0; k < n; k++) {
      assert.ok(Math.abs(values[k]! - (2 - 2 * Math.cos((Math.PI * k) / n))) < 1e-12, `value ${k}`);
      for (let i = 0; i < n; i++) {
        const shape = Math.sqrt((k === 0 ? 1 : 2) / n) * Math.cos((Math.PI * k * (i + 0.5)) / n);
        const sign = Math.sign(vectors[k]![0]!);
        assert.ok(Math.abs(sign * vectors[k]![i]! - shape) < 1e-10, `vector ${k}, ${i}`);
      }
    }
  });

  test('of any symmetric matrix solve A v = lambda v, and are orthogonal', () => {
    const random = seededRandom(4);
    for (const n of [1, 2, 3, 12]) {
      const a = similarity(n, () => 0);
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = 2 * random() - 1;
      const { values, vectors } = symmetricEigen(a, n);
      assert.deepEqual(
        [...values],
        [...values].sort((x, y) => x - y),
      );
      for (const [k, v] of vectors.entries()) {
        for (let i = 0; i < n; i++) {
          const product = v.reduce((sum, x, j) => sum + a[i * n + j]! * x, 0);
          assert.ok(Math.abs(product - values[k]! * v[i]!) < 1e-12);
        }
        for (const [l, w] of vectors.entries()) {
          const dot = v.reduce((sum, x, i) => sum + x * w[i]!, 0);
          assert.ok(Math.abs(dot - (k === l ? 1 : 0)) < 1e-12);
        }
      }
    }
  });

  test('of zero are zero', () =>
    assert.deepEqual([...symmetricEigen(new Float64Array(9), 3).values], [0, 0, 0]));
});

describe('the spectral order', () => {
  test('of a path is the path, whatever its numbers are; it begins on the side of number 0', () => {
    for (let seed = 0; seed < 20; seed++) {
      const n = 2 + seed;
      const line = shuffle(rows(n), seededRandom(seed));
      const place = rows(n).map((i) => line.indexOf(i));
      const found = spectralOrder(
        similarity(n, (i, j) => path(place[i]!, place[j]!)),
        n,
      );
      // In the middle of an odd path the component is zero: then the next number tells the side.
      const side = place.find((at) => 2 * at !== n - 1)!;
      assert.deepEqual(found, 2 * side < n - 1 ? line : [...line].reverse(), `seed ${seed}`);
    }
  });

  test('puts back what falls off with the distance along a line; a constant more does not matter', () => {
    const n = 25;
    const line = shuffle(rows(n), seededRandom(9));
    for (const more of [0, 3, -0.5]) {
      const alike = similarity(
        n,
        (i, j) => Math.exp(-Math.abs(line.indexOf(i) - line.indexOf(j)) / 4) + more,
      );
      const found = spectralOrder(alike, n)!;
      assert.deepEqual(found[0] === line[0] ? found : [...found].reverse(), line);
    }
  });

  test('equal components go by their number', () => {
    // A star whose centre is 4, with a tail 4-5-6: the leaves 0..3 cannot be told from each other.
    const edges = new Set(['0 4', '1 4', '2 4', '3 4', '4 5', '5 6']);
    const found = spectralOrder(
      similarity(7, (i, j) => (edges.has(`${i} ${j}`) ? 1 : 0)),
      7,
    );
    assert.deepEqual(found, [0, 1, 2, 3, 4, 5, 6]);
  });

  test('there is none where no single vector is best', () => {
    const ring = similarity(6, (i, j) => (j - i === 1 || j - i === 5 ? 1 : 0));
    const threeParts = similarity(6, (i, j) => (i % 2 === 0 && j === i + 1 ? 1 : 0));
    for (const [what, matrix, n] of [
      ['one thing', new Float64Array(1), 1],
      ['nothing', new Float64Array(0), 0],
      ['nothing alike', new Float64Array(16), 4],
      ['all alike', similarity(5, () => 0.7), 5],
      ['a ring', ring, 6],
      ['three parts', threeParts, 6],
      ['no numbers', similarity(3, () => Number.NaN), 3],
    ] as const)
      assert.equal(spectralOrder(matrix, n), undefined, what);
  });
});

/** Touch that wanders along taxels in the order of `line`, two of them at a time, each for a group of bins. */
function wandering(line: readonly number[], windows: number, channels = 2): Touch {
  const input = { taxels: line.length, channels, bins: 52, binUs: 20_000 };
  const random = seededRandom(1);
  return {
    input,
    windows: rows(windows).map(() => {
      const from = Math.floor(random() * line.length);
      const cells: number[] = [];
      for (let bin = 0; bin < 52; bin++) {
        const at = (from + Math.floor(bin / 5)) % line.length;
        for (const taxel of [line[at]!, line[at + 1] ?? line[at]!])
          cells.push((bin * line.length + taxel) * channels + (bin % channels));
      }
      return windowFromCells(input, cells);
    }),
  };
}

describe('the learned order', () => {
  test('is the way that touch wanders', () => {
    for (const channels of [2, 4]) {
      const line = shuffle(rows(12), seededRandom(5));
      const found = learnedOrder(wandering(line, 60, channels))!;
      assert.deepEqual(found[0] === line[0] ? found : [...found].reverse(), line);
      assert.deepEqual(learnedOrder(wandering(line, 60, channels)), found, 'and always the same');
    }
  });

  test('there is none without touch, with too little of it, and of one taxel', () => {
    const { input } = wandering(rows(5), 1);
    assert.equal(learnedOrder({ input, windows: [] }), undefined);
    assert.equal(learnedOrder({ input, windows: [windowFromCells(input, [])] }), undefined);
    assert.equal(learnedOrder({ input: { ...input, bins: 4 }, windows: [] }), undefined);
    assert.equal(learnedOrder({ ...wandering([0], 3) }), undefined);
  });

  test('co-activation is the correlation of counts in five bins, without the mean of the pad', () => {
    const input = { taxels: 3, channels: 2, bins: 11, binUs: 1 };
    // Taxels 0 and 1 fire in the first group (0 in both channels), 2 in the second; bin 10 belongs to no group.
    const cells = [0, 1, 2, 6 * 6 + 4, 10 * 6 + 5];
    const r = coActivation({ input, windows: [windowFromCells(input, cells)] });
    // Counts [2,0], [1,0], [0,1]; without the mean [1, 1/3]: [1,-1/3], [0,-1/3], [-1,2/3]; two points correlate fully.
    assert.deepEqual(
      [...r].map((value) => Math.round(value * 1e9) / 1e9),
      [1, 1, -1, 1, 1, -1, -1, -1, 1],
    );
  });

  test('a taxel whose activity does not change correlates with none', () => {
    const input = { taxels: 2, channels: 2, bins: 10, binUs: 1 };
    const same = windowFromCells(input, [0, 2, 20, 22]);
    assert.deepEqual([...coActivation({ input, windows: [same] })], [0, 0, 0, 0]);
  });
});

describe('orders', () => {
  test('a random one is a permutation, the same for the same seed', () => {
    assert.deepEqual(randomOrder(39, 7), randomOrder(39, 7));
    assert.notDeepEqual(randomOrder(39, 7), randomOrder(39, 8));
    assert.deepEqual(
      randomOrder(39, 7).sort((a, b) => a - b),
      rows(39),
    );
  });

  test('their mean step is the mean distance from one taxel to the next', () => {
    const corners = [
      [0, 0],
      [3, 0],
      [3, 4],
    ] as const;
    assert.equal(meanStep([0, 1, 2], corners), 3.5);
    assert.equal(meanStep([1, 0, 2], corners), 4);
    assert.equal(meanStep([0], corners), 0);
    assert.equal(meanStep([], []), 0);
  });
});
