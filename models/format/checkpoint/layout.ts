/** What a layout of published checkpoints is, and what all of them share. */
import type { Network } from '../../engine/engine.js';
import type { Edge } from '../../graph/edges.js';
import { NetworkError } from '../../network/errors.js';
import type { CheckpointTensors } from './tensors.js';

/** What a checkpoint does not say about its network. */
export interface CheckpointOptions {
  readonly name: string;
  /** Class names. Default: their numbers. */
  readonly labels?: readonly string[];
  /** Bins of a window. Needed where no tensor tells it: without a location branch. */
  readonly bins?: number;
  /** Length of a bin in microseconds. Default: `publishedBinUs`. */
  readonly binUs?: number;
  /** The branches that answer. Default: both. The published ablations answer with one and keep the tensors of both. */
  readonly branches?: 'both' | 'time' | 'location';
  /** Directed edges between data rows, for layouts with a graph. Default: `publishedTaxelTree`. */
  readonly taxelEdges?: readonly Edge[];
  /** Graph over the bins, for layouts with a graph. Default: sparse, as in the published scripts. */
  readonly temporalGraph?: 'sparse' | 'dense';
  /** Order in which the location branch visits the data rows of a finger. Default: as they stand. */
  readonly locationOrder?: readonly number[];
}

export interface Layout {
  /** Tensors of its checkpoints: those that must be there, and those that may. */
  names(
    tensors: CheckpointTensors,
    options: CheckpointOptions,
  ): { required: readonly string[]; optional: readonly string[] };
  /** The network. Throws `NetworkError` when the shapes do not describe one. */
  build(tensors: CheckpointTensors, options: CheckpointOptions): Network;
}

/** Taxels of a finger in all published networks: rows of the data. */
export const publishedTaxels = 39;

/**
 * Length of a bin in microseconds: 1 ms in the slip recordings, which are the only ones with 150 bins, and 20 ms in those
 * of objects and containers.
 */
export function publishedBinUs(bins: number): number {
  return bins === 150 ? 1000 : 20_000;
}

/** The name, labels, bins and their length. Throws `NetworkError` when they are unknown or do not fit the checkpoint. */
export function framing(
  { name, labels, bins: given, binUs }: CheckpointOptions,
  classes: number,
  found?: number,
): { name: string; labels: readonly string[]; taxels: number; bins: number; binUs: number } {
  if (labels !== undefined && labels.length !== classes)
    throw new NetworkError(
      `${labels.length} labels for ${classes} classes: the last layer has ${classes} outputs`,
    );
  const bins = found ?? given;
  if (bins === undefined)
    throw new NetworkError(
      'no tensor tells how many bins a window has: give bins (published: 325, slip 150, TactileSGNet on Ev-Objects 250)',
    );
  return {
    name,
    labels: labels ?? Array.from({ length: classes }, (_, label) => String(label)),
    taxels: publishedTaxels,
    bins,
    binUs: binUs ?? publishedBinUs(bins),
  };
}
