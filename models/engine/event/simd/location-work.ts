/** The work of a stream's location branch in WebAssembly: fills the job that assembly/stream.ts reads. */
import { blockCount, sumBlock } from '../../../network/summation.js';
import type { LocationArrays, LocationWork } from '../stream/location-work.js';

/** The two functions of the module; numbers are addresses and counts. */
export interface StreamExports {
  renewNodes(job: number, first: number, nodes: number, decay: number, threshold: number): void;
  scanSums(job: number, counts: number, decay: number, threshold: number): void;
}

/** Floats of a tile of neurons, see assembly/lif.ts. */
const tile = 32;

export function simdLocationWork(
  { renewNodes, scanSums }: StreamExports,
  indices: (length: number) => Uint32Array,
  floats: (length: number) => Float32Array,
  arrays: LocationArrays,
): LocationWork {
  const { branch, conv, touch, spikes, sums, states, features, membrane, fired, blockList, counts } = arrays;
  const { neuron, layers, steps } = branch;
  const at = (array: { byteOffset: number }): number => array.byteOffset;
  const own = (values: readonly number[]): Uint32Array => {
    const array = indices(values.length);
    array.set(values);
    return array;
  };

  const dense = states.flatMap((state, i) => {
    const { rows, spec } = layers[i + 1]!;
    // The first layer's currents come from the tree of sums: it has no sums of its own to work in.
    const blocks = i === 0 || spec.kind !== 'dense' ? 0 : blockCount(spec.inputs);
    const work = [at(floats(Math.max(1, blocks) * tile)), at(indices(blocks + 1))];
    return [
      rows.stride,
      at(rows.weight),
      at(rows.bias),
      blocks,
      at(state.membrane),
      ...work,
      at(state.spikes.index),
    ];
  });
  const [first] = layers as [(typeof layers)[number]];
  const { rows } = layers[1]!;
  // In the order of the places that assembly/stream.ts names.
  const job = own([
    steps,
    conv.graph.nodes,
    conv.inputs,
    conv.hops,
    at(touch),
    at(features),
    conv.outputs,
    first.rows.stride,
    at(first.rows.weight),
    at(first.rows.bias),
    at(membrane),
    at(fired.index),
    at(spikes.bits),
    spikes.words,
    at(rows.weight),
    at(rows.bias),
    rows.stride,
    sumBlock,
    at(blockList),
    at(sums.sums),
    sums.treeFloats,
    at(own(sums.levels.flatMap(({ start, count }) => [start, count]))),
    sums.levels.length,
    at(own(dense)),
    states.length,
  ]);
  const { decay, threshold } = neuron;
  return {
    renewNodes: (node, nodes) => renewNodes(at(job), node, nodes, decay, threshold),
    scanSums: () => scanSums(at(job), at(counts), decay, threshold),
  };
}
