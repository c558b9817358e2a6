import type {
  Decision,
  Energy,
  EnergyCosts,
  InputSpec,
  StackName,
  StoppingSpec,
} from '../../models/index.js';
import type { EngineTable } from './engine-choice.js';

/** Which engine is to run a model (`auto`: the fastest, as measured), and in which mode (absent: its best). */
export interface EngineChoice {
  readonly name: string;
  readonly mode?: string | undefined;
}

/** A model file and the engine to run it with. */
export interface ModelSource {
  readonly path: string;
  readonly engine: EngineChoice;
  /** What an operation takes, for estimates; absent: as in 45 nm. */
  readonly costs?: EnergyCosts;
}

/** What a worker says about a model that it has loaded, verified and warmed up. */
export interface LoadedModel {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  /** What really runs it. */
  readonly engine: string;
  readonly mode: string;
  /** What `engine: auto` chose from. */
  readonly choice?: EngineTable;
  readonly labels: readonly string[];
  readonly input: InputSpec;
  readonly parameters: number;
  /** What a window costs a network of equal shape without spikes: multiply-accumulates, and estimated energy. */
  readonly equalShape: { readonly multiplyAccumulates: number; readonly energyPj: number };
  /** When it may be believed before the end of a window; absent when the file does not say. */
  readonly stopping?: StoppingSpec;
  /** Self-test windows that gave the expected answer; 0 when the file has none. */
  readonly verified: number;
  /** Time a window took after warm-up: median and longest of the last runs. */
  readonly medianUs: number;
  readonly longestUs: number;
  /** Time that one bin of a stream took; absent when the engine cannot answer during the touch. */
  readonly streamBinUs?: number;
  /** Why it has no streams, when that is not the engine's doing. */
  readonly noStreams?: string;
}

/** What a network said about a window. */
export interface Inference {
  readonly decision: Decision;
  /** Output spikes a class, by branch. */
  readonly counts: { readonly [S in StackName]?: Uint32Array };
  /** What it cost; absent for the answers of a stream, which does not compute what has not changed. */
  readonly spikes?: Spikes;
  readonly durations: Durations;
}

/** Bins of a window that is taken bit by bit. Cells are those of the whole window, bin * taxels * channels + cell. */
export interface Step {
  readonly handle: number;
  /** Which stream of this handle; it is opened when it is first named. */
  readonly stream: number;
  /** Bins that the stream has; 0 begins a new window. */
  readonly from: number;
  /** Bins that it is to have; above `from`. */
  readonly to: number;
  /** Active cells of the bins `from` to `to`, ascending. */
  readonly cells: Uint32Array;
  /** Cells of earlier bins that came late. */
  readonly late: Uint32Array;
}

/** Spikes of one window over all branches. */
export interface Spikes {
  /** Cells of the window that were touched. */
  readonly input: number;
  readonly hidden: number;
  readonly output: number;
  /** Synaptic additions. */
  readonly synapticOps: number;
  /** Estimated energy. */
  readonly energy: Energy;
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
  step: Step;
}

export interface Answers {
  load: LoadedModel;
  unload: undefined;
  infer: Inference;
  step: Inference;
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
