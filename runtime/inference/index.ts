export { InferenceCore } from './core.js';
export type { HostCounters } from './host.js';
export {
  Pipeline,
  type PipelineCounters,
  type PipelineOptions,
  type PipelineState,
} from './pipeline.js';
export type { EngineChoice, Inference, LoadedModel, ModelSource, Spikes } from './protocol.js';
export type { PipelineLoss, PipelineResult, Timings, WindowFacts } from './result.js';
export { InferenceService, type LoadOutcome, type ServiceOptions } from './service.js';
export { localWorker, type SpawnWorker, threadWorker } from './worker-port.js';
