/** `InferenceCore` is not here: the daemon's own thread has no need to load the engines. */
export type { HostCounters } from './host.js';
export { Pipeline } from './pipeline.js';
export type { PipelineCounters, PipelineOptions, PipelineState } from './pipeline-options.js';
export type { EngineChoice, Inference, LoadedModel, ModelSource, Spikes } from './protocol.js';
export { NewestQueue } from './queue.js';
export type { PipelineLoss, PipelineResult, ShadowResult, Timings, WindowFacts } from './result.js';
export { InferenceService, type ServiceOptions } from './service.js';
export type { Misfit, Preparation, Prepared, Switch } from './serving.js';
export type { ShedLevel } from './shed.js';
export type { Outcome } from './tickets.js';
export type {
  DropReason,
  FreeWorker,
  LoadOutcome,
  WindowJob,
  WindowLane,
  WindowService,
} from './window-service.js';
export { localWorker, type SpawnWorker, threadWorker } from './worker-port.js';
