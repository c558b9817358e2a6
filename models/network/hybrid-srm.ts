/**
 * The published networks of spike-response neurons as specs: Tactile-SNN (Taunyazov et al., RSS 2020) and
 * Hybrid_SRM_FC (Kang et al., IJCNN 2022) with its variants. All layers are dense and have no bias; 17,696 parameters
 * with 39 taxels, two fingers, 325 bins and 36 classes.
 */
import { publishedSrm } from '../neurons/srm.js';
import { denseLayers } from './dense-layers.js';
import type { NetworkOptions } from './options.js';
import type { BranchSpec, NetworkSpec } from './spec.js';

export interface HybridSrmOptions extends NetworkOptions {
  readonly branches?: 'both' | 'time' | 'location';
  /**
   * What becomes of the outputs of both branches: 'sum' counts the spikes of the concatenated outputs, 'layer' feeds them
   * to one more spiking layer (the published fused variant).
   */
  readonly fuse?: 'sum' | 'layer';
}

/**
 * Hybrid spike-response network with the published sizes unless told otherwise. Time branch: taxels * channels -> 32 ->
 * classes, a step a bin. Location branch: bins -> 32 -> classes, a step for each polarity of each taxel of each finger.
 */
export function hybridSrmSpec(options: HybridSrmOptions): NetworkSpec {
  const { taxels, fingers = 1, bins, labels, hidden = [32], branches = 'both', fuse = 'sum' } = options;
  const channels = 2 * fingers;
  const stack = (inputs: number, widths: readonly number[]): BranchSpec => ({
    neuron: publishedSrm,
    layers: denseLayers([inputs, ...widths, labels.length]),
  });
  const order = channelOrder(
    options.locationOrder ?? Array.from({ length: taxels }, (_, taxel) => taxel),
    fingers,
  );
  const both = branches === 'both';
  return {
    name: options.name,
    input: { taxels, channels, bins, binUs: options.binUs },
    labels,
    ...(branches === 'location' ? {} : { time: stack(taxels * channels, hidden) }),
    ...(branches === 'time' ? {} : { location: { ...stack(bins, hidden), step: 'channel', order } }),
    ...(both && fuse === 'layer' ? { fused: stack(labels.length, []) } : {}),
    decision: { fusion: 'sum', temperature: 0.02, ...options.decision },
  };
}

/** Tactile-SNN: the time branch alone. */
export function tactileSnnSpec(
  options: Omit<HybridSrmOptions, 'branches' | 'fuse' | 'locationOrder'>,
): NetworkSpec {
  return hybridSrmSpec({ ...options, branches: 'time' });
}

/**
 * The published order of the location steps: the taxels of the first finger in the given order, each with its two
 * polarities one behind the other, then those of the next finger.
 * @param taxels order of the taxels of a finger
 * @returns location step -> taxel * channels + channel
 */
export function channelOrder(taxels: readonly number[], fingers: number): number[] {
  const channels = 2 * fingers;
  return Array.from({ length: fingers }, (_, finger) =>
    taxels.flatMap((taxel) => [0, 1].map((polarity) => taxel * channels + 2 * finger + polarity)),
  ).flat();
}
