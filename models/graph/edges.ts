/** Edge lists: from the short names of a `GraphSpec`, and from taxel positions. */
import Delaunator from 'delaunator';
import type { GraphSpec } from '../network/spec.js';

/** A directed edge: node `0` sends to node `1`. */
export type Edge = readonly [from: number, to: number];

/** A position in the plane of the sensor, in millimetres. */
export type Position = readonly [x: number, y: number];

/** All directed edges of a graph. */
export function graphEdges(graph: GraphSpec): readonly Edge[] {
  switch (graph.kind) {
    case 'edges':
      return graph.edges;
    case 'chain':
      return Array.from({ length: graph.nodes - 1 }, (_, i) => [i, i + 1] as const);
    case 'causal-complete':
      return Array.from({ length: graph.nodes }, (_, j) =>
        Array.from({ length: j }, (_, i) => [i, j] as const),
      ).flat();
  }
}

/** Both directions of undirected pairs, sorted, each once. */
export function bothWays(pairs: Iterable<Edge>): Edge[] {
  const unique = new Map<string, Edge>();
  for (const [a, b] of pairs) {
    unique.set(`${a} ${b}`, [a, b]);
    unique.set(`${b} ${a}`, [b, a]);
  }
  return [...unique.values()].sort((p, q) => p[0] - q[0] || p[1] - q[1]);
}

/** Minimum spanning tree (Prim): the n - 1 shortest undirected edges that connect all taxels; ties to lower indices. */
export function minimumSpanningTree(positions: readonly Position[]): Edge[] {
  const n = positions.length;
  const tree: Edge[] = [];
  const nearest = positions.map((_, i) => ({ from: 0, distance: i === 0 ? 0 : distance(positions, 0, i) }));
  const outside = new Set(Array.from({ length: Math.max(0, n - 1) }, (_, i) => i + 1));
  while (outside.size > 0) {
    let next = -1;
    for (const i of outside) if (next < 0 || nearest[i]!.distance < nearest[next]!.distance) next = i;
    outside.delete(next);
    tree.push([nearest[next]!.from, next]);
    for (const i of outside) {
      const d = distance(positions, next, i);
      if (d < nearest[i]!.distance) nearest[i] = { from: next, distance: d };
    }
  }
  return bothWays(tree);
}

/** Each taxel with its k nearest others (undirected union; ties to lower indices). */
export function nearestNeighbours(positions: readonly Position[], k: number): Edge[] {
  return bothWays(
    positions.flatMap((_, i) =>
      positions
        .map((_, j) => j)
        .filter((j) => j !== i)
        .sort((a, b) => distance(positions, i, a) - distance(positions, i, b) || a - b)
        .slice(0, k)
        .map((j) => [i, j] as const),
    ),
  );
}

/** All pairs of taxels at most `radius` millimetres apart. */
export function withinRadius(positions: readonly Position[], radius: number): Edge[] {
  return bothWays(
    positions.flatMap((_, i) =>
      positions.flatMap((_, j) => (j > i && distance(positions, i, j) <= radius ? [[i, j] as const] : [])),
    ),
  );
}

/** Delaunay triangulation; taxels on one line, which have none, are joined to their neighbours along it (as their MST). */
export function delaunay(positions: readonly Position[]): Edge[] {
  if (positions.length < 3) return minimumSpanningTree(positions);
  const { triangles } = Delaunator.from(
    [...positions],
    (p) => p[0],
    (p) => p[1],
  );
  if (triangles.length === 0) return minimumSpanningTree(positions);
  const pairs: Edge[] = [];
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [triangles[t]!, triangles[t + 1]!, triangles[t + 2]!];
    pairs.push([a, b], [b, c], [c, a]);
  }
  return bothWays(pairs);
}

function distance(positions: readonly Position[], i: number, j: number): number {
  const [a, b] = [positions[i]!, positions[j]!];
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
