export type { BranchOutcome, Engine, Executor, Network, Outcome, Trace } from './engine/engine.js';
export * from './network/spec.js';
export type { Tensor, Weights } from './network/weights.js';
export * from './network/window.js';
