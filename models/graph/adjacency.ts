import type { GraphSpec } from '../network/spec.js';
import { graphEdges } from './edges.js';

/**
 * The normalised adjacency A = D^-1/2 E D^-1/2 in compressed rows: for target node j the sources
 * `from[start[j]] .. from[start[j+1]-1]`, ascending, with their weights.
 *
 * D is the number of incoming edges, there are no self loops, and a node without incoming edges has D^-1/2 = 0, so its
 * outgoing edges carry nothing (PyTorch Geometric's `gcn_norm`, which the published networks were trained with).
 */
export interface Adjacency {
  readonly nodes: number;
  readonly start: Uint32Array;
  readonly from: Uint32Array;
  readonly weight: Float32Array;
}

export function normalisedAdjacency(graph: GraphSpec): Adjacency {
  const edges = graphEdges(graph);
  const degree = new Float64Array(graph.nodes);
  for (const [, to] of edges) degree[to]! += 1;
  const scale = Float32Array.from(degree, (d) => (d > 0 ? 1 / Math.sqrt(d) : 0));

  const sorted = [...edges].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
  const start = new Uint32Array(graph.nodes + 1);
  for (const [, to] of sorted) start[to + 1]! += 1;
  for (let j = 0; j < graph.nodes; j++) start[j + 1]! += start[j]!;
  return {
    nodes: graph.nodes,
    start,
    from: Uint32Array.from(sorted, ([from]) => from),
    weight: Float32Array.from(sorted, ([from, to]) => Math.fround(scale[from]! * scale[to]!)),
  };
}

/**
 * Fills the hop features of a TAGConv: on entry `features` [nodes, hops + 1, inputs] holds x at hop 0 and zeros at the
 * other hops, on return hop k holds A^k x. Float32; sources are added in ascending order.
 * @returns the number of multiply-adds that were needed (terms whose source is zero cost nothing)
 */
export function propagateHops(
  adjacency: Adjacency,
  hops: number,
  inputs: number,
  features: Float32Array,
): number {
  const { nodes, start, from, weight } = adjacency;
  const stride = (hops + 1) * inputs;
  let operations = 0;
  for (let hop = 1; hop <= hops; hop++) {
    const source = (hop - 1) * inputs;
    const target = hop * inputs;
    for (let j = 0; j < nodes; j++) {
      for (let e = start[j]!; e < start[j + 1]!; e++) {
        const x = from[e]! * stride + source;
        const y = j * stride + target;
        for (let c = 0; c < inputs; c++) {
          const value = features[x + c]!;
          if (value === 0) continue;
          features[y + c] = Math.fround(features[y + c]! + Math.fround(weight[e]! * value));
          operations++;
        }
      }
    }
  }
  return operations;
}
