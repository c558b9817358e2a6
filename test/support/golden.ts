import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cellIndex,
  hybridLifSpec,
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
