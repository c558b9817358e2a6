/** Made-up checkpoints in the layouts of the published code: random weights under its names and in its shapes. */
import { seededRandom, type Tensor } from '../../models/index.js';
import type { Random } from '../../models/random.js';

export type StateDict = ReadonlyMap<string, Tensor>;

const taxels = 39;

/** Random tensor, uniform within `bound`. */
function uniform(shape: readonly number[], bound: number, random: Random): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length: size }, () => (2 * random() - 1) * bound) };
}

function linear(name: string, inputs: number, outputs: number, random: Random): [string, Tensor][] {
  const bound = 3 / Math.sqrt(inputs); // three times PyTorch's default: lively
  return [
    [`${name}.weight`, uniform([outputs, inputs], bound, random)],
    [`${name}.bias`, uniform([outputs], bound, random)],
  ];
}

export interface LifSizes {
  readonly fingers?: number;
  readonly conv?: number;
  readonly classes?: number;
  /** Outputs of the first dense layer; the slip variant has as many as classes. */
  readonly first?: number;
}

/** TactileSGNet as PyTorch Geometric 1.x writes it. */
export function tactileSgnetState(sizes: LifSizes = {}, seed = 1): StateDict {
  return new Map(lifBranch('conv1', 'fc', taxels, sizes, seededRandom(seed)));
}

/** Hybrid_LIF_GNN as PyTorch Geometric 1.x writes it. */
export function hybridLifState(bins: number, sizes: LifSizes = {}, seed = 1): StateDict {
  const random = seededRandom(seed);
  const both = { fingers: 2, ...sizes };
  return new Map([
    ...lifBranch('conv1', 'fc', taxels, both, random),
    ...lifBranch('conv2', 'tfc', bins, both, random),
  ]);
}

function lifBranch(
  conv: string,
  dense: string,
  nodes: number,
  { fingers = 1, conv: channels = 6, classes = 3, first = 9 }: LifSizes,
  random: Random,
): [string, Tensor][] {
  return [
    ...linear(`${conv}.lin`, 4 * 2 * fingers, channels, random),
    ...linear(`${dense}1`, nodes * channels, first, random),
    ...linear(`${dense}2`, 9, 11, random),
    ...linear(`${dense}3`, 11, classes, random),
  ];
}

/** The same as PyTorch Geometric 2.x writes it: a matrix for each hop. */
export function asGeometric2(state: StateDict): StateDict {
  return new Map(
    [...state].flatMap(([name, tensor]): [string, Tensor][] => {
      const [, conv, kind] = /^(conv\d)\.lin\.(weight|bias)$/.exec(name) ?? [];
      if (kind === 'bias') return [[`${conv}.bias`, tensor]];
      if (kind !== 'weight') return [[name, tensor]];
      const [rows, columns] = tensor.shape as [number, number];
      const width = columns / 4;
      return [0, 1, 2, 3].map((hop) => [
        `${conv}.lins.${hop}.weight`,
        {
          shape: [rows, width],
          data: Float32Array.from(
            { length: rows * width },
            (_, i) => tensor.data[Math.floor(i / width) * columns + hop * width + (i % width)]!,
          ),
        },
      ]);
    }),
  );
}

/** Hybrid_SRM_FC; `fuse` adds the layer behind both branches. */
export function hybridSrmState(
  bins: number,
  { fingers = 2, hidden = 8, classes = 3, fuse = false } = {},
  seed = 1,
): StateDict {
  const random = seededRandom(seed);
  const dense = (name: string, inputs: number, outputs: number, scale = 10): [string, Tensor] => [
    `${name}.weight`,
    uniform([outputs, inputs, 1, 1, 1], scale / Math.sqrt(inputs), random),
  ];
  return new Map([
    ['slayer.srmKernel', kernel(1, 10)],
    ['slayer.refKernel', kernel(-20, 1)],
    dense('fc1', 2 * taxels * fingers, hidden),
    dense('fc2', hidden, classes),
    dense('locationFc1', bins, hidden),
    dense('locationFc2', hidden, classes),
    ...(fuse ? [dense('outputFc', classes, classes, 40)] : []),
  ]);
}

function kernel(scale: number, tau: number): Tensor {
  const taps: number[] = [];
  for (let k = 0; k <= tau || Math.abs(alpha(scale, tau, k)) >= 0.01; k++) taps.push(alpha(scale, tau, k));
  return { shape: [taps.length], data: Float32Array.from(taps) };
}

function alpha(scale: number, tau: number, k: number): number {
  return ((scale * k) / tau) * Math.exp(1 - k / tau);
}
