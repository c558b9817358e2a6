/**
 * Checkpoints of Hybrid_LIF_GNN (Kang et al. 2023) and TactileSGNet (Gu et al. 2020).
 *
 * Both call the convolution over taxels `conv1` and its dense layers `fc1`, `fc2`, `fc3`; the hybrid has `conv2` over
 * bins with `tfc1`, `tfc2`, `tfc3`. Features of a node are (finger, polarity) with the polarity inside, our order of
 * channels; layers see node * channels + channel, as ours do: nothing has to be moved.
 */
import type { Network } from '../../engine/engine.js';
import { publishedTaxelTree } from '../../graph/published-tree.js';
import { hybridLifSpec, tactileSgnetSpec } from '../../network/hybrid.js';
import type { Tensor } from '../../network/weights.js';
import { type CheckpointOptions, framing, type Layout, publishedTaxels } from './layout.js';
import { type LifBranch, type LifModules, lifSizes, moduleTensors, readLifBranch } from './lif-branch.js';
import type { CheckpointTensors } from './tensors.js';

const timeModules: LifModules = { conv: 'conv1', dense: ['fc1', 'fc2', 'fc3'] };
const locationModules: LifModules = { conv: 'conv2', dense: ['tfc1', 'tfc2', 'tfc3'] };

export const hybridLifGnn: Layout = {
  names: (tensors) => ({
    required: [timeModules, locationModules].flatMap((modules) => moduleTensors(tensors, modules)),
    optional: [],
  }),
  build: (tensors, options) => {
    const time = readLifBranch(tensors, usedModules(tensors, timeModules), {
      noun: 'taxels',
      count: publishedTaxels,
    });
    const location = readLifBranch(
      tensors,
      usedModules(tensors, locationModules),
      { noun: 'bins', count: options.bins },
      time,
    );
    const { branches = 'both', temporalGraph, locationOrder } = options;
    const spec = hybridLifSpec({
      ...framing(options, time.classes, location.nodes),
      ...lifSizes(time),
      taxelEdges: options.taxelEdges ?? publishedTaxelTree,
      branches,
      ...(temporalGraph === undefined ? {} : { temporalGraph }),
      ...(locationOrder === undefined ? {} : { locationOrder }),
    });
    return { spec, weights: lifWeights({ time, location }, branches) };
  },
};

export const tactileSgnet: Layout = {
  names: (tensors) => ({ required: moduleTensors(tensors, timeModules), optional: [] }),
  build: (tensors, options): Network => {
    const time = readLifBranch(tensors, timeModules, { noun: 'taxels', count: publishedTaxels });
    const spec = tactileSgnetSpec({
      ...framing(options, time.classes),
      ...lifSizes(time),
      taxelEdges: options.taxelEdges ?? publishedTaxelTree,
    });
    return { spec, weights: lifWeights({ time }) };
  },
};

/** The tensors of these branches under our names. */
export function lifWeights(
  { time, location }: { readonly time: LifBranch; readonly location?: LifBranch | undefined },
  branches: CheckpointOptions['branches'] = 'both',
): Map<string, Tensor> {
  const named = (branch: 'time' | 'location', weights: LifBranch['weights'] = new Map()) =>
    [...weights].map(([name, tensor]) => [`${branch}.${name}`, tensor] as const);
  return new Map([
    ...(branches === 'location' ? [] : named('time', time.weights)),
    ...(branches === 'time' ? [] : named('location', location?.weights)),
  ]);
}

/**
 * The modules that compute. The slip variant has one dense layer, from the convolution to the classes; `fc2` and `fc3`
 * are in its checkpoints too, never used, and do not fit behind it.
 */
function usedModules(tensors: CheckpointTensors, modules: LifModules): LifModules {
  const [first, second, third] = modules.dense.map((name) => tensors.shape(`${name}.weight`));
  const isSlip = first?.[0] === third?.[0] && first?.[0] !== second?.[1];
  return isSlip ? { ...modules, dense: modules.dense.slice(0, 1) } : modules;
}
