/** whorl/models: networks, engines, model files and training, usable without daemon, broker or configuration. */

export * from './energy.js';
export type {
  Activity,
  Answer,
  BranchOutcome,
  Engine,
  Executor,
  Network,
  Outcome,
  Stream,
  Trace,
} from './engine/engine.js';
export { synapticOps } from './engine/engine.js';
export { createGpuEngine } from './engine/gpu/gpu.js';
export type { GpuOptions } from './engine/gpu/programs.js';
export { fastestOf, type Measurement, type MeasureOptions, measureEngines } from './engine/measure.js';
export { engineByName, engines } from './engine/select.js';
export {
  type CheckpointLayout,
  checkpointLayouts,
  type ImportedCheckpoint,
  importCheckpoint,
  importCheckpointFile,
} from './format/checkpoint/import.js';
export type { CheckpointOptions } from './format/checkpoint/layout.js';
export {
  type Model,
  type ModelContent,
  readModel,
  readModelFile,
  writeModel,
  writeModelFile,
} from './format/model.js';
export { jsonDepth, maxJsonDepth, parseJson } from './format/parse-json.js';
export type { SafetensorsLimits } from './format/safetensors.js';
export {
  madeUpWindows,
  makeSelfTest,
  selfTestWindows,
  type Verification,
  verifyModel,
} from './format/self-test.js';
export * from './graph/edges.js';
export { publishedTaxelTree } from './graph/published-tree.js';
export { spectralOrder } from './graph/seriation.js';
export * from './network/decision.js';
export { NetworkError, type NetworkFault } from './network/errors.js';
export * from './network/hybrid.js';
export * from './network/hybrid-srm.js';
export { initialWeights } from './network/initialise.js';
export * from './network/location-order.js';
export { parameterCount } from './network/shapes.js';
export * from './network/spec.js';
export type { Tensor, Weights } from './network/weights.js';
export * from './network/window.js';
export { publishedLif } from './neurons/lif.js';
export { publishedSrm } from './neurons/srm.js';
export { seededRandom, shuffle } from './random.js';
export * from './training/anytime.js';
export { coActivation, learnedOrder, type Touch } from './training/co-activation.js';
export { type Dataset, pick, stratifiedPositions, stratifiedSplit } from './training/dataset.js';
export { Learner } from './training/learner.js';
export { type LossName, type LossSpec, lossNames, type SpikeTargets } from './training/loss.js';
export { type Evaluation, evaluate } from './training/metrics.js';
export { type OptimiserOptions, optimiserKinds } from './training/optimiser.js';
export * from './training/recipes/published.js';
export { readRecordingFile, readRecordings } from './training/recordings.js';
export * from './training/stopping.js';
export { calibrationError, fitTemperature } from './training/temperature.js';
export * from './training/trainer.js';
