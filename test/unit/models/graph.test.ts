import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalisedAdjacency, propagateHops } from '../../../models/graph/adjacency.js';
import {
  delaunay,
  graphEdges,
  minimumSpanningTree,
  nearestNeighbours,
  type Position,
  withinRadius,
} from '../../../models/index.js';
import * as fc from '../../support/fast-check.js';

const square: Position[] = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1.1, 1.2],
];
const positions = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })), {
  minLength: 2,
  maxLength: 20,
  selector: ([x, y]) => `${x} ${y}`,
});
const pairs = (edges: readonly (readonly [number, number])[]): string[] => edges.map(([a, b]) => `${a}-${b}`);

test('graphs of a small square', () => {
  assert.deepEqual(pairs(minimumSpanningTree(square)), ['0-1', '0-2', '1-0', '2-0', '2-3', '3-2']);
  assert.deepEqual(pairs(withinRadius(square, 1)), ['0-1', '0-2', '1-0', '2-0']);
  assert.deepEqual(pairs(nearestNeighbours(square, 1)), ['0-1', '0-2', '1-0', '2-0', '2-3', '3-2']);
  assert.equal(delaunay(square).length, 10);
});

test('every graph is symmetric, without self loops or repetitions; tree and triangulation connect all taxels', () => {
  fc.assert(
    fc.property(positions, (points) => {
      for (const [name, edges] of Object.entries({
        mst: minimumSpanningTree(points),
        knn: nearestNeighbours(points, 2),
        delaunay: delaunay(points),
      })) {
        const names = new Set(pairs(edges));
        assert.equal(names.size, edges.length);
        for (const [a, b] of edges) assert.ok(a !== b && names.has(`${b}-${a}`));
        if (name !== 'knn') assert.equal(reachable(edges).size, points.length, name);
      }
      assert.equal(minimumSpanningTree(points).length, 2 * (points.length - 1));
    }),
  );
});

function reachable(edges: readonly (readonly [number, number])[]): Set<number> {
  const seen = new Set([0]);
  for (const node of seen) for (const [a, b] of edges) if (a === node) seen.add(b);
  return seen;
}

test('the tree is no longer than any other choice: the total equals Kruskal’s', () => {
  fc.assert(
    fc.property(positions, (points) => {
      const length = (edges: readonly (readonly [number, number])[]): number =>
        edges.reduce(
          (sum, [a, b]) => sum + Math.hypot(points[a]![0] - points[b]![0], points[a]![1] - points[b]![1]),
          0,
        );
      assert.ok(Math.abs(length(minimumSpanningTree(points)) / 2 - kruskal(points)) < 1e-9);
    }),
  );
});

function kruskal(points: readonly Position[]): number {
  const set = points.map((_, i) => i);
  const all = points.flatMap((p, i) =>
    points.slice(0, i).map((q, j) => ({ i, j, d: Math.hypot(p[0] - q[0], p[1] - q[1]) })),
  );
  let total = 0;
  for (const { i, j, d } of all.sort((a, b) => a.d - b.d)) {
    if (set[i] === set[j]) continue;
    total += d;
    const old = set[i]!;
    for (const k of set.keys()) if (set[k] === old) set[k] = set[j]!;
  }
  return total;
}

test('taxels on one line are joined along it', () => {
  assert.deepEqual(
    pairs(
      delaunay([
        [0, 0],
        [2, 0],
        [1, 0],
      ]),
    ),
    ['0-2', '1-2', '2-0', '2-1'],
  );
});

test('hops of the chain are a causal filter; the edge out of node 0 carries nothing, for node 0 has no incoming edge', () => {
  const adjacency = normalisedAdjacency({ kind: 'chain', nodes: 5 });
  const features = new Float32Array(5 * 3);
  for (let t = 0; t < 5; t++) features[t * 3] = t + 1;
  propagateHops(adjacency, 2, 1, features);
  assert.deepEqual([...features], [1, 0, 0, 2, 0, 0, 3, 2, 0, 4, 3, 2, 5, 4, 3]);
});

test('the dense temporal graph averages the past: (Ax)_j = sum over 1 <= i < j of x_i / sqrt(i j)', () => {
  const nodes = 6;
  const x = [0.5, 2, -1, 3, 4, 1];
  const features = new Float32Array(nodes * 2);
  for (let t = 0; t < nodes; t++) features[t * 2] = x[t]!;
  propagateHops(normalisedAdjacency({ kind: 'causal-complete', nodes }), 1, 1, features);
  for (let j = 0; j < nodes; j++) {
    const expected = x.slice(1, j).reduce((sum, value, i) => sum + value / Math.sqrt((i + 1) * j), 0);
    assert.ok(Math.abs(features[j * 2 + 1]! - (j === 0 ? 0 : expected)) < 1e-6);
  }
  assert.equal(graphEdges({ kind: 'causal-complete', nodes }).length, 15);
});
