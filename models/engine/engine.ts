import type { NetworkSpec, StackName } from '../network/spec.js';
import type { Weights } from '../network/weights.js';
import type { TaxelWindow } from '../network/window.js';

/** A spec with its weights: what an engine compiles. */
export interface Network {
  readonly spec: NetworkSpec;
  readonly weights: Weights;
}

/**
 * Port of the engines. Engines differ in how they compute, never in what: every executor gives, spike for spike, the
 * answer of the reference engine.
 */
export interface Engine {
  readonly name: string;
  /** Ways in which this engine can compute, best first. */
  readonly modes: readonly string[];
  /**
   * Why this machine cannot compute in a mode, and what would help; undefined when it can. Rejects with RangeError for a
   * mode that does not exist.
   */
  unavailable(mode: string): Promise<string | undefined>;
  /**
   * Prepares a network for running.
   * @param mode one of `modes`; absent: the first that this machine can do
   * Rejects with `NetworkError` when spec and weights do not fit each other, RangeError for a mode that does not exist,
   * Error for one that this machine cannot do.
   */
  compile(network: Network, mode?: string): Promise<Executor>;
}

export interface Executor {
  readonly engine: string;
  /** The mode that runs, whatever was asked for. */
  readonly mode: string;
  /** How the mode is carried out, for people: the form, the backend, the graphics adapter. */
  readonly details?: string;
  /** The network that it computes. Not its weights: an executor keeps them in its own way, once. */
  readonly spec: NetworkSpec;
  /** Classifies windows one after the other; answers stand in the order of the windows. */
  run(windows: readonly TaxelWindow[]): Promise<Outcome[]>;
  /** Spikes of every layer for one window: for tests and teaching, not for speed. */
  trace(window: TaxelWindow): Promise<Trace>;
  /** A stream over one window after the other, bin by bin; absent where the engine cannot answer during the touch. */
  stream?(): Stream;
  /** Frees what the executor holds, after the runs under way; it cannot be used afterwards. */
  dispose(): Promise<void>;
}

/**
 * A window that is still being touched. After every bin it gives the answer for "this window so far, zeros after": the
 * very counts that the batch engine gives for the zero-padded window, at a small part of its cost.
 */
export interface Stream {
  /** Bins taken so far, 0 .. bins of the network. */
  readonly bins: number;
  /**
   * Takes the next bin.
   * @param cells active cells of the bin, ascending and unique, taxel * channels + channel
   * @returns the answer so far; its arrays are reused by the next call
   * Throws RangeError when the window is full: call `reset` first.
   */
  push(cells: ArrayLike<number>): Answer;
  /**
   * Adds late cells to a bin that was taken already, exactly as if they had come in time.
   * @param bin 0 .. bins - 1
   */
  revise(bin: number, cells: ArrayLike<number>): Answer;
  /** Forgets everything: the next bin is the first of a new window. */
  reset(): void;
}

/** Output spikes a class, of each stack there is: all that a decision needs. */
export type Answer = { readonly [S in StackName]?: { readonly counts: Uint32Array } };

/** What a network says about one window. */
export type Outcome = { readonly [S in StackName]?: BranchOutcome };

export interface BranchOutcome {
  /** Output spikes a class over the whole scan, length = classes. */
  readonly counts: Uint32Array;
  /** Total spikes of each layer, first to last. */
  readonly layerSpikes: readonly number[];
  /**
   * Synaptic operations that each layer did: for a dense layer an accumulate for each active input and output, for a
   * graph convolution a multiply-accumulate for each term that is not zero.
   */
  readonly layerOps: readonly number[];
}

/** What an outcome counts beside the answer, or the mean of several. */
export type Activity = { readonly [S in StackName]?: Pick<BranchOutcome, 'layerSpikes' | 'layerOps'> };

/** Synaptic operations of all layers of all stacks. */
export function synapticOps(outcome: Activity): number {
  return Object.values(outcome).reduce((sum, { layerOps }) => sum + layerOps.reduce((a, b) => a + b, 0), 0);
}

/** Spikes of one window, row-major [steps, width] a layer, 0 or 1. */
export type Trace = { readonly [S in StackName]?: readonly Uint8Array[] };
