import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cellIndex,
  hybridLifSpec,
  hybridSrmSpec,
  type InputSpec,
  type Network,
  type TaxelWindow,
  type Weights,
  windowFromCells,
} from '../../models/index.js';
import { root } from './paths.js';

/** Event [taxel, polarity channel, bin] of the golden files. */
type GoldenEvent = readonly [number, number, number];

interface GoldenTensor {
  readonly shape: number[];
  readonly data: number[];
}

export interface TinyCase {
  readonly events: GoldenEvent[];
  readonly spatial: { layers: { shape: number[]; spikes: string }[]; rate: number[] };
  readonly location: { layers: { shape: number[]; spikes: string }[]; rate: number[] };
  readonly fused: number[];
  readonly mse: { target: number[]; loss: number; grad: Record<string, number[]> };
}

interface TinyGolden {
  readonly graph: { taxels: number; bins: number; hops: number; spatialEdges: [number, number][] };
  readonly weights: Record<string, GoldenTensor>;
  readonly cases: TinyCase[];
}

/** The tiny golden set, with its network in our terms. */
export function tinyGolden(): { network: Network; cases: TinyCase[] } {
  const golden = JSON.parse(
    readFileSync(join(root, 'test/golden/lif-hybrid-tiny.json'), 'utf8'),
  ) as TinyGolden;
  const { taxels, bins, hops, spatialEdges } = golden.graph;
  const spec = hybridLifSpec({
    name: 'tiny',
    labels: ['a', 'b', 'c'],
    taxels,
    bins,
    binUs: 1000,
    taxelEdges: spatialEdges,
    hops,
    convChannels: 4,
    hidden: [5, 7],
  });
  return { network: { spec, weights: ourTensors(golden.weights) }, cases: golden.cases };
}

interface SrmLayer {
  readonly shape: [width: number, steps: number];
  /** Row-major [width, steps]. */
  readonly spikes: string;
}

export interface SrmCase {
  readonly events: GoldenEvent[];
  readonly time: SrmLayer[];
  readonly location: SrmLayer[];
  /** Spikes a class, both branches together. */
  readonly counts: number[];
}

interface SrmGolden {
  readonly epsilon: number[];
  readonly nu: number[];
  readonly taxels: number;
  readonly polarities: number;
  readonly bins: number;
  readonly weights: Record<'time' | 'location', number[][][]>;
  readonly cases: SrmCase[];
}

/** The tiny golden set of spike-response neurons, with its network in our terms and the neuron's kernels. */
export function srmGolden(): {
  network: Network;
  cases: SrmCase[];
  response: number[];
  refractory: number[];
} {
  const golden = JSON.parse(
    readFileSync(join(root, 'test/golden/srm-hybrid-tiny.json'), 'utf8'),
  ) as SrmGolden;
  const spec = hybridSrmSpec({
    name: 'tiny',
    labels: ['a', 'b', 'c'],
    taxels: golden.taxels,
    bins: golden.bins,
    binUs: 1000,
    hidden: [golden.weights.time[0]!.length],
  });
  const weights = new Map(
    (['time', 'location'] as const).flatMap((branch) =>
      golden.weights[branch].map((rows, layer) => [
        `${branch}.fc${layer + 1}.weight`,
        { shape: [rows.length, rows[0]!.length], data: Float32Array.from(rows.flat()) },
      ]),
    ),
  );
  return { network: { spec, weights }, cases: golden.cases, response: golden.epsilon, refractory: golden.nu };
}

/** Golden spikes of a layer, [width, steps], as traces have them: [steps, width]. */
export function bySteps({ shape: [width, steps], spikes }: SrmLayer): string {
  return Array.from(
    { length: steps * width },
    (_, i) => spikes[(i % width) * steps + Math.floor(i / width)],
  ).join('');
}

/** Golden tensors under our names: `spatial` is the time branch. */
export function ourTensors(tensors: Record<string, GoldenTensor>): Weights {
  return new Map(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      ourName(name),
      { shape, data: Float32Array.from(data) },
    ]),
  );
}

export function ourName(tensor: string): string {
  return tensor.replace(/^spatial\./, 'time.');
}

export function goldenWindow(input: InputSpec, events: readonly GoldenEvent[]): TaxelWindow {
  return windowFromCells(
    input,
    events.map(([taxel, channel, bin]) => cellIndex(input, bin, taxel, channel)),
  );
}
