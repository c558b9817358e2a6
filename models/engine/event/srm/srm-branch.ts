/**
 * A stack of spike-response neurons. Its layers are computed one after the other, each for all steps at once: a neuron's
 * membrane potential is a sum over the currents of the steps before, so nothing has to be carried from step to step but
 * the spikes of the last few.
 */
import type { ScanInput } from '../../../network/scan-input.js';
import type { SrmSpec, StackName } from '../../../network/spec.js';
import { blockCount, sumBlock } from '../../../network/summation.js';
import { type Srm, srmOf } from '../../../neurons/srm.js';
import type { BranchOutcome } from '../../engine.js';
import type { Kernels } from '../kernels.js';
import type { EventLayer } from '../layer.js';

export interface SrmBranch {
  readonly kind: 'srm';
  readonly name: StackName;
  readonly kernels: Kernels;
  readonly neuron: SrmSpec;
  /** Kernels of the neuron, where the engine's kernels can read them. */
  readonly srm: Srm;
  readonly steps: number;
  readonly layers: readonly EventLayer[];
  /** Memory for whole windows. */
  readonly state: SrmState;
}

/** What a layer works on; rows are `stride` long. */
export interface SrmScan {
  /** a(n) [steps, stride] */
  readonly currents: Float32Array;
  /** Spikes before step n [steps + 1, stride]: bit k - 1 tells whether the neuron spiked k steps before. */
  readonly history: Uint32Array;
  /** Spikes: at step n the neurons `start[n] .. start[n+1]` of `index`, ascending. */
  readonly start: Uint32Array;
  readonly index: Uint32Array;
  /** u(n) [steps, stride], where it is wanted: for the backward pass. */
  readonly membranes?: Float32Array;
}

export interface SrmState {
  readonly scans: readonly SrmScan[];
  /** Active inputs of the first layer at one step. */
  readonly active: Uint32Array;
  /** Block sums of a layer. */
  readonly sums: Float32Array;
  /** Steps from which on the currents of a layer are not valid. */
  readonly settled: number[];
}

export function createSrmBranch(
  kernels: Kernels,
  name: StackName,
  neuron: SrmSpec,
  steps: number,
  layers: readonly EventLayer[],
): SrmBranch {
  const { threshold, response, refractory } = srmOf(neuron);
  const own = (values: Float32Array): Float32Array => {
    const copy = kernels.floats(values.length);
    copy.set(values);
    return copy;
  };
  const branch = {
    kind: 'srm' as const,
    name,
    kernels,
    neuron,
    srm: { threshold, response: own(response), refractory: own(refractory) },
    steps,
    layers,
  };
  return { ...branch, state: createSrmState(branch) };
}

/** @param record whether membrane potentials are kept */
export function createSrmState(
  { kernels, steps, layers }: Pick<SrmBranch, 'kernels' | 'steps' | 'layers'>,
  record = false,
): SrmState {
  const mostBlocks = Math.max(...layers.map(({ spec }) => blockCount(spec.inputs)));
  const widest = Math.max(...layers.map(({ rows }) => rows.stride));
  return {
    scans: layers.map(({ rows: { stride }, width }) => ({
      currents: kernels.floats(steps * stride),
      history: kernels.indices((steps + 1) * stride),
      start: kernels.indices(steps + 1),
      index: kernels.indices(steps * width),
      ...(record ? { membranes: kernels.floats(steps * stride) } : {}),
    })),
    active: kernels.indices(layers[0]!.spec.inputs),
    sums: kernels.floats(mostBlocks * widest),
    settled: layers.map(() => 0),
  };
}

/**
 * Scans anew from step `from` on; what was found for the steps before stays, as does the input of those.
 * @param input active inputs by step; those of the steps before `from` are not looked at
 */
export function scanSrm(branch: SrmBranch, state: SrmState, input: ScanInput, from = 0): void {
  for (const [l, layer] of branch.layers.entries()) {
    const scan = state.scans[l]!;
    const below = l === 0 ? input : state.scans[l - 1]!;
    const first = Math.min(from, state.settled[l]!);
    const until = firstSilent(below, branch.steps);
    for (let n = first; n < until; n++) {
      const [begin, end] = [below.start[n]!, below.start[n + 1]!];
      if (l > 0) sumInputs(branch, layer, below.index, begin, end, state.sums, scan.currents, n);
      else {
        for (let i = begin; i < end; i++) state.active[i - begin] = below.index[i]!;
        sumInputs(branch, layer, state.active, 0, end - begin, state.sums, scan.currents, n);
      }
    }
    state.settled[l] = until;
    respond(branch, layer, scan, first, until);
  }
}

/** Neurons of a layer from step `first` on, given the currents of the steps before `until`; behind them there are none. */
export function respond(
  { kernels, srm, steps }: SrmBranch,
  { rows }: EventLayer,
  scan: SrmScan,
  first: number,
  until: number,
): void {
  // Where the last response has ended, nothing reaches the threshold.
  const end = until === 0 ? 0 : Math.min(steps, until + srm.response.length - 1);
  if (first < end) kernels.respond(srm, rows, scan, first, end, until);
  scan.start.fill(scan.start[Math.max(first, end)]!, Math.max(first, end) + 1);
}

/** What the branch says of the window whose scan `state` holds. */
export function srmOutcome(
  { steps, layers }: SrmBranch,
  { scans }: SrmState,
  input: ScanInput,
): BranchOutcome {
  const layerSpikes = scans.map(({ start }) => start[steps]!);
  const inputs = [input.start[steps]!, ...layerSpikes];
  return {
    counts: outputCounts(layers, scans, steps),
    layerSpikes,
    layerOps: layers.map(({ spec }, l) => inputs[l]! * spec.outputs),
  };
}

/** Output spikes a class. */
export function outputCounts(
  layers: readonly EventLayer[],
  scans: readonly SrmScan[],
  steps: number,
  counts: Uint32Array = new Uint32Array(layers.at(-1)!.width),
): Uint32Array {
  const { start, index } = scans.at(-1)!;
  counts.fill(0);
  for (let k = 0; k < start[steps]!; k++) counts[index[k]!]! += 1;
  return counts;
}

/** The step behind the last one with an active input. */
function firstSilent({ start }: ScanInput, steps: number): number {
  let step = steps;
  while (step > 0 && start[step] === start[step - 1]) step--;
  return step;
}

/** Current row `n` of a dense layer, summed as network/summation.ts says; entries `from` to `to` of `index` are active. */
function sumInputs(
  { kernels }: SrmBranch,
  { rows, spec }: EventLayer,
  index: Uint32Array,
  from: number,
  to: number,
  sums: Float32Array,
  currents: Float32Array,
  n: number,
): void {
  const { stride } = rows;
  const blocks = blockCount(spec.inputs);
  if (blocks === 1) {
    kernels.sumBlock(rows, true, index, from, to, currents, n * stride);
    return;
  }
  for (let block = 0, k = from; block < blocks; block++) {
    let end = k;
    while (end < to && index[end]! < (block + 1) * sumBlock) end++;
    kernels.sumBlock(rows, block === 0, index, k, end, sums, block * stride);
    k = end;
  }
  for (let used = blocks; used > 1; used = Math.ceil(used / 2)) {
    for (let pair = 0; 2 * pair < used; pair++) {
      const a = 2 * pair * stride;
      if (2 * pair + 1 < used) kernels.addPair(stride, sums, pair * stride, a, a + stride);
      else sums.copyWithin(pair * stride, a, a + stride);
    }
  }
  currents.set(sums.subarray(0, stride), n * stride);
}
