export { settledEvents, type WindowCounters } from './counters.js';
export { policyFromConfig } from './from-config.js';
export type { OnsetSpec, PolicySpec, SlidingSpec, TriggerSpec } from './policies.js';
export { whyNotStaggered } from './staggered.js';
export type { ClosedWindow, CloseReason, OpenWindow, TriggerAnswer } from './window.js';
export { Windower, type WindowerOptions } from './windower.js';
