/**
 * What the published networks compute, from their own tensors and their own input, in float64 and without anything of
 * ours: an oracle for imported checkpoints. Formulas as in models/neurons; names and axes as in the published code.
 */
import {
  cellIndex,
  type Edge,
  type InputSpec,
  seededRandom,
  type TaxelWindow,
  windowFromCells,
} from '../../models/index.js';
import type { StateDict } from './published-checkpoints.js';

/** Their input: [rows of all fingers, polarities, bins], 0 or 1. */
export type Tact = number[][][];

const taxels = 39;

/** Random touch. */
export function randomTact(fingers: number, bins: number, density: number, seed: number): Tact {
  const random = seededRandom(seed);
  return Array.from({ length: taxels * fingers }, () =>
    [0, 1].map(() => Array.from({ length: bins }, () => (random() < density ? 1 : 0))),
  );
}

/** The same touch as a window of ours. */
export function windowOfTact(input: InputSpec, tact: Tact): TaxelWindow {
  const cells = tact.flatMap((polarities, row) =>
    polarities.flatMap((bins, polarity) =>
      bins.flatMap((value, bin) =>
        value === 0 ? [] : [cellIndex(input, bin, row % taxels, 2 * Math.floor(row / taxels) + polarity)],
      ),
    ),
  );
  return windowFromCells(input, cells);
}

/** Output spikes a class of the spatial branch: a step a bin, nodes are taxels. */
export function spatialCounts(
  state: StateDict,
  dense: readonly string[],
  tact: Tact,
  edges: readonly Edge[],
): number[] {
  const bins = tact[0]![0]!.length;
  const steps = range(bins).map((t) =>
    range(taxels).map((i) => stacked(tact, i).map((series) => series[t]!)),
  );
  return lifCounts(state, 'conv1', dense, steps, edges);
}

/** Output spikes a class of the temporal branch: a step a taxel in this order, nodes are bins in a chain. */
export function temporalCounts(
  state: StateDict,
  dense: readonly string[],
  tact: Tact,
  edges: readonly Edge[],
  order = range(taxels),
): number[] {
  const bins = tact[0]![0]!.length;
  const steps = order.map((i) => range(bins).map((t) => stacked(tact, i).map((series) => series[t]!)));
  return lifCounts(state, 'conv2', dense, steps, edges);
}

/** Series of one taxel row: polarities of the first finger, then of the second. */
function stacked(tact: Tact, row: number): number[][] {
  return range(tact.length / taxels).flatMap((finger) => tact[finger * taxels + row]!);
}

function lifCounts(
  state: StateDict,
  conv: string,
  dense: readonly string[],
  steps: readonly (readonly (readonly number[])[])[],
  edges: readonly Edge[],
): number[] {
  const layers = [`${conv}.lin`, ...dense];
  const membranes: number[][] = layers.map(() => []);
  const counts: number[] = [];
  for (const nodes of steps) {
    let spikes: number[] = [];
    for (const [l, layer] of layers.entries()) {
      const current =
        l === 0 ? hops(nodes, edges).flatMap((x) => affine(state, layer, x)) : affine(state, layer, spikes);
      membranes[l] = current.map((value, i) => {
        const before = membranes[l]![i] ?? 0;
        return 0.2 * before * (before > 0.5 ? 0 : 1) + value;
      });
      spikes = membranes[l]!.map((u) => (u > 0.5 ? 1 : 0));
    }
    for (const [c, spike] of spikes.entries()) counts[c] = (counts[c] ?? 0) + spike;
  }
  return counts;
}

/** Features of each node behind one another: x, A x, A^2 x, A^3 x. */
function hops(nodes: readonly (readonly number[])[], edges: readonly Edge[]): number[][] {
  const degree = nodes.map((_, j) => edges.filter(([, to]) => to === j).length);
  const result = nodes.map((x) => [...x]);
  let x = nodes;
  for (let hop = 0; hop < 3; hop++) {
    const next = nodes.map((features) => features.map(() => 0));
    for (const [from, to] of edges) {
      const weight = degree[from]! > 0 ? 1 / Math.sqrt(degree[from]! * degree[to]!) : 0;
      for (const [f, value] of x[from]!.entries()) next[to]![f]! += weight * value;
    }
    for (const [j, features] of next.entries()) result[j]!.push(...features);
    x = next;
  }
  return result;
}

function affine(state: StateDict, layer: string, x: readonly number[]): number[] {
  const bias = state.get(`${layer}.bias`)!.data;
  return product(state, layer, x).map((value, i) => value + bias[i]!);
}

function product(state: StateDict, layer: string, x: readonly number[]): number[] {
  const { shape, data } = state.get(`${layer}.weight`)!;
  return range(shape[0]!).map((row) =>
    x.reduce((sum, value, i) => sum + value * data[row * x.length + i]!, 0),
  );
}

/**
 * Output spikes a class of the SLAYER network: time branch over channels (row, polarity), location branch over the same
 * channels in this order, and the layer behind both if there is one.
 * @param channels order of the channels on the location axis
 */
export function srmCounts(
  state: StateDict,
  tact: Tact,
  channels = range(2 * tact.length),
): { time: number[]; location: number[]; fused?: number[] } {
  const series = tact.flat();
  const bins = range(series[0]!.length);
  const time = srmLayers(state, ['fc1', 'fc2'], series);
  const byBin = bins.map((t) => channels.map((channel) => series[channel]![t]!));
  const location = srmLayers(state, ['locationFc1', 'locationFc2'], byBin);
  const joint = time.map((spikes, c) => [...spikes, ...location[c]!]);
  return {
    time: time.map(total),
    location: location.map(total),
    ...(state.has('outputFc.weight') ? { fused: srmLayers(state, ['outputFc'], joint).map(total) } : {}),
  };
}

/** Spikes [outputs, steps] of layers behind one another for spikes [inputs, steps]. */
function srmLayers(state: StateDict, layers: readonly string[], spikes: number[][]): number[][] {
  return layers.reduce((input, layer) => {
    const steps = range(input[0]!.length);
    const currents = steps.map((n) =>
      product(
        state,
        layer,
        input.map((series) => series[n]!),
      ),
    );
    return range(state.get(`${layer}.weight`)!.shape[0]!).map((row) =>
      srmSpikes(currents.map((a) => a[row]!)),
    );
  }, spikes);
}

function srmSpikes(a: readonly number[]): number[] {
  const u = a.map((_, n) =>
    range(Math.min(n + 1, 77)).reduce((sum, k) => sum + (k / 10) * Math.exp(1 - k / 10) * a[n - k]!, 0),
  );
  return u.map((_, n) => {
    if (u[n]! < 10) return 0;
    for (let k = 0; k < 11 && n + k < u.length; k++) u[n + k]! -= 20 * k * Math.exp(1 - k);
    return 1;
  });
}

function total(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

export function range(n: number): number[] {
  return [...Array(n).keys()];
}
