/**
 * Checkpoints of Hybrid_SRM_FC (Kang et al., IJCNN 2022), its fused variant and its orders, and of Tactile-SNN (Taunyazov
 * et al. 2020), which is the time branch alone.
 *
 * SLAYER's dense layers are convolutions of size one without bias, [outputs, inputs, 1, 1, 1]: `fc1`, `fc2` over time,
 * `locationFc1`, `locationFc2` over location, `outputFc` behind both. The time branch takes (finger, taxel, polarity),
 * ours takes (taxel, finger, polarity): its columns are moved. The kernels of the neuron travel along as buffers.
 */
import type { Network } from '../../engine/engine.js';
import { NetworkError } from '../../network/errors.js';
import { channelOrder, hybridSrmSpec } from '../../network/hybrid-srm.js';
import type { Tensor } from '../../network/weights.js';
import { publishedSrm, refractoryKernel, responseKernel } from '../../neurons/srm.js';
import { framing, type Layout, publishedTaxels } from './layout.js';
import type { CheckpointTensors, Size } from './tensors.js';

const time = ['fc1.weight', 'fc2.weight'] as const;
const location = ['locationFc1.weight', 'locationFc2.weight'] as const;
const fused = 'outputFc.weight';
const kernels = {
  'slayer.srmKernel': responseKernel(publishedSrm),
  'slayer.refKernel': refractoryKernel(publishedSrm),
};

/** Inputs of the time branch for each finger: taxels x polarities. */
const fingerInputs = 2 * publishedTaxels;

export const hybridSrmFc: Layout = {
  names: (_, { branches = 'both' }) => ({
    required: branches === 'time' ? time : [...time, ...location],
    optional: [...location, fused, ...Object.keys(kernels)],
  }),
  build: (tensors, options): Network => {
    checkKernels(tensors);
    const { branches = 'both', locationOrder } = options;
    const hasFused = tensors.has(fused);
    if (hasFused && branches !== 'both')
      throw new NetworkError(`tensor ${fused} takes the outputs of both branches: import both`);
    const fingers = fingersOf(tensors);
    const timeLayers = takeDense(tensors, time, fingers * fingerInputs, [undefined, undefined]);
    const [hidden, classes] = timeLayers.map(({ shape }) => shape[0]!) as [number, number];
    const bins = options.bins ?? tensors.shape(location[0])?.[1];
    const sizes = framing(options, classes, bins);
    const weights = new Map<string, Tensor>();
    if (branches !== 'location') {
      weights.set('time.fc1.weight', moveColumns(timeLayers[0]!, fingers));
      weights.set('time.fc2.weight', timeLayers[1]!);
    }
    if (branches !== 'time')
      for (const [i, layer] of takeDense(tensors, location, sizes.bins, [hidden, classes]).entries())
        weights.set(`location.fc${i + 1}.weight`, layer);
    if (hasFused) weights.set('fused.fc1.weight', takeDense(tensors, [fused], classes, [classes])[0]!);
    const spec = hybridSrmSpec({
      ...sizes,
      fingers,
      hidden: [hidden],
      branches,
      fuse: hasFused ? 'layer' : 'sum',
      ...(locationOrder === undefined ? {} : { locationOrder }),
    });
    return { spec, weights };
  },
};

/** The published constants are ours; a checkpoint that was trained with others carries other kernels. */
function checkKernels(tensors: CheckpointTensors): void {
  for (const [name, expected] of Object.entries(kernels)) {
    if (!tensors.has(name)) continue;
    const { data } = tensors.take(name, [expected.length], 'the taps of the published neuron');
    const at = expected.findIndex((tap, k) => Math.abs(tap - data[k]!) > 1e-5 * Math.max(1, Math.abs(tap)));
    if (at >= 0)
      throw new NetworkError(
        `tensor ${name} has ${data[at]} at index ${at}, the published neuron (tauSr 10, tauRef 1, theta 10, scaleRef 2) has ${expected[at]}: neurons with other constants cannot be imported`,
      );
  }
}

function fingersOf(tensors: CheckpointTensors): number {
  const columns = tensors.shape(time[0])?.[1];
  if (columns === fingerInputs) return 1;
  if (columns === undefined || columns === 2 * fingerInputs) return 2;
  throw new NetworkError(
    `tensor ${time[0]} is [${tensors.shape(time[0])?.join(', ')}], expected ${fingerInputs} or ${2 * fingerInputs} columns: ${publishedTaxels} taxels x 2 polarities x one or two fingers`,
  );
}

/** Layers one behind the other as matrices [outputs, inputs]. */
function takeDense(
  tensors: CheckpointTensors,
  names: readonly string[],
  inputs: number,
  outputs: readonly Size[],
): Tensor[] {
  let width = inputs;
  return names.map((name, i) => {
    const why = `SLAYER's dense layers are [outputs, inputs, 1, 1, 1]; this one takes ${width} inputs`;
    const { shape, data } = tensors.take(name, [outputs[i], width, 1, 1, 1], why);
    const matrix = { shape: shape.slice(0, 2), data };
    width = shape[0]!;
    return matrix;
  });
}

/** From columns (finger, taxel, polarity) to (taxel, finger, polarity). */
function moveColumns({ shape, data }: Tensor, fingers: number): Tensor {
  const [rows, columns] = shape as [number, number];
  const ours = channelOrder([...Array(publishedTaxels).keys()], fingers);
  const moved = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (const [theirs, column] of ours.entries())
      moved[row * columns + column] = data[row * columns + theirs]!;
  return { shape, data: moved };
}
