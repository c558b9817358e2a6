/** A branch of the published LIF networks, a graph convolution and dense layers, read from a checkpoint. */
import { NetworkError } from '../../network/errors.js';
import type { HybridOptions } from '../../network/hybrid.js';
import type { Tensor } from '../../network/weights.js';
import type { CheckpointTensors, Size } from './tensors.js';

/** Hops of the published graph convolutions. */
export const publishedHops = 3;

/** Names of a branch's modules. */
export interface LifModules {
  readonly conv: string;
  /** Dense layers, first to last. */
  readonly dense: readonly string[];
}

/** What the branch's graph is over: its nodes, whose number is undefined where only the file knows it. */
export interface LifNodes {
  readonly noun: 'taxels' | 'bins';
  readonly count?: number | undefined;
}

export interface LifBranch {
  readonly nodes: number;
  /** Features of a node: polarities x fingers. */
  readonly inputs: number;
  readonly convChannels: number;
  readonly hidden: readonly number[];
  readonly classes: number;
  /** By our names within the branch, `conv.weight` and so on. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

interface ConvNames {
  readonly weights: readonly string[];
  readonly bias: string;
}

/** The tensors of these modules. */
export function moduleTensors(tensors: CheckpointTensors, { conv, dense }: LifModules): string[] {
  const { weights, bias } = convNames(tensors, conv);
  return [...weights, bias, ...dense.flatMap((name) => [`${name}.weight`, `${name}.bias`])];
}

/**
 * Reads a branch. Throws `NetworkError` that says which tensor does not fit, and to what.
 * @param like the other branch, which has the same widths and features in the published code
 */
export function readLifBranch(
  tensors: CheckpointTensors,
  modules: LifModules,
  { noun, count }: LifNodes,
  like?: LifBranch,
): LifBranch {
  const { weight, bias } = takeConv(tensors, modules.conv, like);
  const [convChannels, features] = weight.shape as [number, number];
  const weights = new Map([
    ['conv.weight', weight],
    ['conv.bias', bias],
  ]);
  const [first] = modules.dense as [string];
  const nodes = count ?? nodesOf(tensors, first, modules.conv, convChannels, noun);
  let width = nodes * convChannels;
  let why = `${first} takes ${width} = ${nodes} ${noun} x ${convChannels} channels of ${modules.conv}`;
  const widths: number[] = [];
  for (const [i, name] of modules.dense.entries()) {
    const rows: Size = i < modules.dense.length - 1 ? like?.hidden[i] : like?.classes;
    const dense = tensors.take(`${name}.weight`, [rows, width], like === undefined ? why : `${why}; ${same}`);
    width = dense.shape[0]!;
    weights.set(`fc${i + 1}.weight`, dense);
    weights.set(
      `fc${i + 1}.bias`,
      tensors.take(`${name}.bias`, [width], `${name} has ${width} outputs, each with a bias`),
    );
    why = `the layer after ${name} takes its ${width} outputs`;
    widths.push(width);
  }
  const inputs = features / (publishedHops + 1);
  return { nodes, inputs, convChannels, hidden: widths.slice(0, -1), classes: width, weights };
}

/** What a branch says about the network. */
export function lifSizes({
  inputs,
  convChannels,
  hidden,
}: LifBranch): Pick<HybridOptions, 'fingers' | 'convChannels' | 'hidden' | 'hops'> {
  return { fingers: inputs / 2, convChannels, hidden, hops: publishedHops };
}

const same = 'both branches have the same widths';

function takeConv(
  tensors: CheckpointTensors,
  conv: string,
  like?: LifBranch,
): { weight: Tensor; bias: Tensor } {
  const names = convNames(tensors, conv);
  const columns = like === undefined ? undefined : like.inputs * (publishedHops + 1);
  const parts = names.weights.map((name) =>
    tensors.take(
      name,
      [like?.convChannels, columns === undefined ? undefined : columns / names.weights.length],
      like === undefined ? `${conv} has a row of features for each output channel` : same,
    ),
  );
  const weight = beside(parts, conv);
  const [channels, features] = weight.shape as [number, number];
  if (features % (2 * (publishedHops + 1)) !== 0)
    throw new NetworkError(
      `${conv} takes ${features} features of a node, expected 8 for one finger or 16 for two: ${publishedHops + 1} hops x 2 polarities x fingers`,
    );
  return { weight, bias: tensors.take(names.bias, [channels], `${conv} has ${channels} output channels`) };
}

/**
 * The three ways to write down a TAGConv: one matrix over all hops in a linear layer of its own (PyTorch Geometric 1.x),
 * a matrix a hop (2.x), one matrix without more ado (whorl's own golden files).
 */
function convNames(tensors: CheckpointTensors, conv: string): ConvNames {
  if (tensors.has(`${conv}.lins.0.weight`)) {
    const hops = Array.from({ length: publishedHops + 1 }, (_, hop) => hop);
    return { weights: hops.map((hop) => `${conv}.lins.${hop}.weight`), bias: `${conv}.bias` };
  }
  if (tensors.has(`${conv}.weight`)) return { weights: [`${conv}.weight`], bias: `${conv}.bias` };
  return { weights: [`${conv}.lin.weight`], bias: `${conv}.lin.bias` };
}

/** Matrices of equal shape side by side: [rows, columns] each becomes [rows, n * columns]. */
function beside(parts: readonly Tensor[], conv: string): Tensor {
  const [first, ...others] = parts as [Tensor, ...Tensor[]];
  const other = others.find(({ shape }) => String(shape) !== String(first.shape));
  if (other !== undefined)
    throw new NetworkError(
      `the hops of ${conv} are [${first.shape.join(', ')}] and [${other.shape.join(', ')}]: they must be alike`,
    );
  const [rows, columns] = first.shape as [number, number];
  const data = new Float32Array(rows * columns * parts.length);
  for (let row = 0; row < rows; row++)
    for (const [i, part] of parts.entries())
      data.set(part.data.subarray(row * columns, (row + 1) * columns), (row * parts.length + i) * columns);
  return { shape: [rows, columns * parts.length], data };
}

/** The number of nodes that the first dense layer sees. */
function nodesOf(
  tensors: CheckpointTensors,
  dense: string,
  conv: string,
  channels: number,
  noun: string,
): number {
  const columns = tensors.shape(`${dense}.weight`)?.[1] ?? channels;
  if (columns % channels !== 0)
    throw new NetworkError(
      `tensor ${dense}.weight has ${columns} columns, expected a multiple of ${channels}: ${dense} takes ${noun} x ${channels} channels of ${conv}`,
    );
  return columns / channels;
}
