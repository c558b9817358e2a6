import type { WindowConfig } from '../config/index.js';
import type { PolicySpec } from './policies.js';

/** A window policy as configured, in the units used here: whole microseconds. */
export function policyFromConfig(config: WindowConfig): PolicySpec {
  switch (config.kind) {
    case 'onset':
      return {
        kind: 'onset',
        thresholdEvents: config.thresholdEvents,
        intervalUs: toUs(config.intervalMs),
        preRollUs: toUs(config.preRollMs),
        rearm: config.rearm,
        releaseEvents: config.releaseEvents ?? Math.max(1, Math.floor(config.thresholdEvents / 3)),
        rearmUs: toUs(config.rearmMs),
      };
    case 'sliding':
      return { kind: 'sliding', hopUs: toUs(config.hopMs), emitEmpty: config.emitEmpty };
    case 'trigger':
      return { kind: 'trigger', historyUs: toUs(config.historyMs) };
  }
}

function toUs(ms: number): number {
  return Math.round(ms * 1000);
}
