/**
 * The energy ledger: what a window cost a spiking network, operation by operation, and what a network without spikes of
 * the same shape would have cost. Counts are exact and the same for every engine: spikes and synaptic operations come
 * with an outcome, everything else follows from the spec. Energy is an estimate: counts times the energy of an operation
 * in 45 nm, 32-bit float (Horowitz, ISSCC 2014), the usual recipe of papers on spiking networks. It is arithmetic alone:
 * memory, which costs more on most hardware, is counted in bytes and not in joules. DESIGN.md says what is counted how.
 */
import type { Activity } from './engine/engine.js';
import { layerFanIn, layerName } from './network/shapes.js';
import {
  type LayerSpec,
  layerWidth,
  type NetworkSpec,
  type NeuronSpec,
  STACKS,
  type StackName,
  scanSteps,
} from './network/spec.js';
import { refractoryKernel, responseKernel } from './neurons/srm.js';

/** Energy of an operation in picojoules, 0 or more. */
export interface EnergyCosts {
  /** A multiply-accumulate. */
  readonly macPj: number;
  /** An accumulate. */
  readonly acPj: number;
}

/** 45 nm, 32-bit float: a multiplication 3.7 pJ, an addition 0.9 pJ (Horowitz, ISSCC 2014). */
export const horowitz45nm: EnergyCosts = { macPj: 4.6, acPj: 0.9 };

export interface Operations {
  readonly accumulates: number;
  readonly multiplyAccumulates: number;
}

/** What a layer or more did in one window. Its own operations are the synaptic ones, those that papers count. */
export interface Work extends Operations {
  readonly spikes: number;
  /** Neurons x scan steps. */
  readonly neuronUpdates: number;
  /**
   * Operations of the neurons, which papers leave out. LIF: a multiply-accumulate an update. Spike-response: one for each
   * current that the response reaches back to, and an accumulate for each tap of the refractory response of a spike (at
   * most: the last spikes of a scan have fewer).
   */
  readonly neuronOps: Operations;
  /** Read: one float32 for each synaptic operation, none cached, and the bias at each update of a LIF neuron. */
  readonly weightBytes: number;
  /**
   * Read and written. LIF: the membrane potential, once each way an update. Spike-response: the currents that the response
   * reaches back to are read and one is written, and a word of past spikes goes each way.
   */
  readonly stateBytes: number;
}

/** Estimated energy of some work, in picojoules. */
export interface Energy {
  /** Of the synaptic operations alone: the figure to set beside those of papers. */
  readonly synapticPj: number;
  /** Of synapses and neurons. */
  readonly totalPj: number;
}

export interface LayerLedger extends Work, Energy {
  /** As in tensor names: conv, fc1, fc2 ... */
  readonly layer: string;
}

export interface StackLedger {
  readonly layers: readonly LayerLedger[];
  readonly sums: Work & Energy;
}

export interface Ledger {
  readonly costs: EnergyCosts;
  readonly stacks: { readonly [S in StackName]?: StackLedger };
  readonly sums: Work & Energy;
}

/**
 * The ledger of a window, or of a mean window (`meanActivity`): it is linear in what `outcome` counts.
 * Throws RangeError when the outcome is not one of this network, or a cost is not a number of at least 0.
 */
export function ledger(spec: NetworkSpec, outcome: Activity, costs: EnergyCosts = horowitz45nm): Ledger {
  checkCosts(costs);
  const stacks: { [S in StackName]?: StackLedger } = {};
  for (const stack of STACKS) {
    if (spec[stack] === undefined) continue;
    const layers = layerLedgers(spec, stack, outcome, costs);
    stacks[stack] = { layers, sums: sumUp(layers, costs) };
  }
  const all = Object.values(stacks).map(({ sums }) => sums);
  return { costs, stacks, sums: sumUp(all, costs) };
}

/** Mean spikes and synaptic operations of each layer. Throws RangeError when there are no outcomes. */
export function meanActivity(outcomes: readonly Activity[]): Activity {
  const [first] = outcomes;
  if (first === undefined) throw new RangeError('there are no outcomes to take the mean of');
  const mean = (of: (outcome: Activity) => number): number =>
    outcomes.reduce((sum, outcome) => sum + of(outcome), 0) / outcomes.length;
  const stacks = STACKS.filter((stack) => first[stack] !== undefined);
  return Object.fromEntries(
    stacks.map((stack) => [
      stack,
      {
        layerSpikes: first[stack]!.layerSpikes.map((_, l) => mean((o) => o[stack]!.layerSpikes[l]!)),
        layerOps: first[stack]!.layerOps.map((_, l) => mean((o) => o[stack]!.layerOps[l]!)),
      },
    ]),
  );
}

/** Estimated energy of some work. */
export function energyOf(work: Work, costs: EnergyCosts): Energy {
  const synapticPj = picojoules(work, costs);
  return { synapticPj, totalPj: synapticPj + picojoules(work.neuronOps, costs) };
}

/** What the network without spikes of equal shape and steps costs, whatever the window. */
export interface EqualShapeCost {
  readonly costs: EnergyCosts;
  readonly stacks: {
    readonly [S in StackName]?: readonly { readonly layer: string; readonly multiplyAccumulates: number }[];
  };
  readonly multiplyAccumulates: number;
  /** Estimate, in picojoules. */
  readonly energyPj: number;
}

/**
 * The cost of a network of equal shape that multiplies real numbers: fan-in x outputs x nodes x scan steps
 * multiply-accumulates a layer. What spreads features over a graph, and what neurons do, is left out, so that the
 * comparison does not flatter the spiking network, whose ledger has the former.
 * Throws RangeError when a cost is not a number of at least 0.
 */
export function equalShapeCost(spec: NetworkSpec, costs: EnergyCosts = horowitz45nm): EqualShapeCost {
  checkCosts(costs);
  const named = STACKS.filter((stack) => spec[stack] !== undefined).map((stack) => {
    const { layers } = spec[stack]!;
    const cost = (layer: LayerSpec): number => layerFanIn(layer) * layerWidth(layer) * scanSteps(spec, stack);
    return [
      stack,
      layers.map((layer, l) => ({ layer: layerName(layers, l), multiplyAccumulates: cost(layer) })),
    ] as const;
  });
  const all = named.flatMap(([, layers]) => layers);
  const multiplyAccumulates = all.reduce((sum, layer) => sum + layer.multiplyAccumulates, 0);
  return {
    costs,
    stacks: Object.fromEntries(named),
    multiplyAccumulates,
    energyPj: picojoules({ accumulates: 0, multiplyAccumulates }, costs),
  };
}

/** How many times the energy of a ledger the network of equal shape takes; Infinity where the ledger has none. */
export function energyRatio(
  { sums }: Ledger,
  { energyPj }: EqualShapeCost,
): { synaptic: number; total: number } {
  return { synaptic: energyPj / sums.synapticPj, total: energyPj / sums.totalPj };
}

function layerLedgers(
  spec: NetworkSpec,
  stack: StackName,
  outcome: Activity,
  costs: EnergyCosts,
): LayerLedger[] {
  const { layers, neuron } = spec[stack]!;
  const { layerSpikes = [], layerOps = [] } = outcome[stack] ?? {};
  if (layerSpikes.length !== layers.length || layerOps.length !== layers.length)
    throw new RangeError(
      `the outcome counts ${layerSpikes.length} layers in stack ${stack}, network "${spec.name}" has ${layers.length}: it is of another network`,
    );
  const steps = scanSteps(spec, stack);
  return layers.map((layer, l) => {
    const [spikes, operations] = [layerSpikes[l]!, layerOps[l]!];
    const { neuronUpdates, neuronOps, stateBytes, biasBytes } = neuronWork(
      neuron,
      layerWidth(layer),
      steps,
      spikes,
    );
    const isDense = layer.kind === 'dense';
    return priced(
      {
        layer: layerName(layers, l),
        spikes,
        accumulates: isDense ? operations : 0,
        multiplyAccumulates: isDense ? 0 : operations,
        neuronUpdates,
        neuronOps,
        weightBytes: floatBytes * operations + biasBytes,
        stateBytes,
      },
      costs,
    );
  });
}

/** Adds its estimated energy to some work. */
function priced<T extends Work>(work: T, costs: EnergyCosts): T & Energy {
  return Object.assign(work, energyOf(work, costs));
}

const floatBytes = 4;

/** What `width` neurons do in a scan of `steps` in which they spike `spikes` times. */
function neuronWork(
  neuron: NeuronSpec,
  width: number,
  steps: number,
  spikes: number,
): Pick<Work, 'neuronUpdates' | 'neuronOps' | 'stateBytes'> & { biasBytes: number } {
  const neuronUpdates = width * steps;
  if (neuron.kind === 'lif')
    return {
      neuronUpdates,
      neuronOps: { accumulates: 0, multiplyAccumulates: neuronUpdates },
      stateBytes: 2 * floatBytes * neuronUpdates,
      biasBytes: floatBytes * neuronUpdates,
    };
  // Tap 0 of both responses is 0 and never computed.
  const terms = width * termsReached(steps, responseKernel(neuron).length - 1);
  return {
    neuronUpdates,
    neuronOps: {
      accumulates: spikes * (refractoryKernel(neuron).length - 1),
      multiplyAccumulates: terms,
    },
    stateBytes: floatBytes * (terms + 3 * neuronUpdates),
    biasBytes: 0,
  };
}

/** Sum of min(n, taps) over the steps n = 0 .. steps - 1: terms of the response sums of one neuron. */
function termsReached(steps: number, taps: number): number {
  const rising = Math.min(steps - 1, taps);
  return (rising * (rising + 1)) / 2 + Math.max(0, steps - 1 - taps) * taps;
}

/** Of each figure the sum over the parts; this runs for every window that is counted, hence one plain loop. */
function sumUp(parts: readonly Work[], costs: EnergyCosts): Work & Energy {
  const neuronOps = { accumulates: 0, multiplyAccumulates: 0 };
  const sums = {
    spikes: 0,
    accumulates: 0,
    multiplyAccumulates: 0,
    neuronUpdates: 0,
    neuronOps,
    weightBytes: 0,
    stateBytes: 0,
  };
  for (const part of parts) {
    sums.spikes += part.spikes;
    sums.accumulates += part.accumulates;
    sums.multiplyAccumulates += part.multiplyAccumulates;
    sums.neuronUpdates += part.neuronUpdates;
    neuronOps.accumulates += part.neuronOps.accumulates;
    neuronOps.multiplyAccumulates += part.neuronOps.multiplyAccumulates;
    sums.weightBytes += part.weightBytes;
    sums.stateBytes += part.stateBytes;
  }
  return priced(sums, costs);
}

function picojoules({ accumulates, multiplyAccumulates }: Operations, { macPj, acPj }: EnergyCosts): number {
  return multiplyAccumulates * macPj + accumulates * acPj;
}

function checkCosts(costs: EnergyCosts): void {
  for (const [name, value] of Object.entries(costs))
    if (!(value >= 0 && Number.isFinite(value)))
      throw new RangeError(`${name} is ${value}; the energy of an operation is a number of pJ, at least 0`);
}
