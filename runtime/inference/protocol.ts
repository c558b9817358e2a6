import type { BranchName, Decision, InputSpec } from '../../models/index.js';

/** Which engine is to run a model; the mode is the engine's own business (absent: its best). */
export interface EngineChoice {
  readonly name: string;
  readonly mode?: string;
}

/** A model file and the engine to run it with. */
export interface ModelSource {
  readonly path: string;
  readonly engine: EngineChoice;
}

/** What a worker says about a model that it has loaded, verified and warmed up. */
export interface LoadedModel {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  /** What really runs it. */
  readonly engine: string;
  readonly mode: string;
  readonly labels: readonly string[];
  readonly input: InputSpec;
  /** Self-test windows that gave the expected answer; 0 when the file has none. */
  readonly verified: number;
  /** Time a window took after warm-up: median and longest of the last runs. */
  readonly medianUs: number;
  readonly longestUs: number;
}

/** What a network said about one window, and what it cost. */
export interface Inference {
  readonly decision: Decision;
  /** Output spikes a class, by branch. */
  readonly counts: { readonly [B in BranchName]?: Uint32Array };
  readonly spikes: Spikes;
  readonly durations: Durations;
}

/** Spikes of one window over all branches. */
export interface Spikes {
  /** Cells of the window that were touched. */
  readonly input: number;
  readonly hidden: number;
  readonly output: number;
  /** Synaptic additions. */
  readonly synapticOps: number;
}

/** Microseconds spent in the worker: cells to window, window to outcome, outcome to decision. */
export interface Durations {
  readonly encodeUs: number;
  readonly inferUs: number;
  readonly postUs: number;
}

/** What a worker can be asked. A handle is the host's number for a loaded model. */
export interface Requests {
  load: { readonly handle: number; readonly source: ModelSource };
  unload: { readonly handle: number };
  infer: { readonly handle: number; readonly cells: Uint32Array };
}

export interface Answers {
  load: LoadedModel;
  unload: undefined;
  infer: Inference;
}

export type RequestKind = keyof Requests;

/** Host to worker; the ticket comes back in the reply. */
export type Request = {
  [K in RequestKind]: { readonly kind: K; readonly ticket: number } & Requests[K];
}[RequestKind];

/** Worker to host. */
export type Reply =
  | { readonly ticket: number; readonly ok: true; readonly value: Answers[RequestKind] }
  | { readonly ticket: number; readonly ok: false; readonly reason: string };
