import type { WindowConfig } from '../config/index.js';
import type { PolicySpec } from './policies.js';

/** The windowing policy that a configuration asks for: milliseconds become microseconds. */
export function policyFromConfig(window: WindowConfig): PolicySpec {
  switch (window.kind) {
    case 'onset':
      return {
        kind: 'onset',
        thresholdEvents: window.thresholdEvents,
        intervalUs: window.intervalMs * 1000,
        preRollUs: window.preRollMs * 1000,
        rearm: window.rearm,
        releaseEvents: window.releaseEvents ?? Math.max(1, Math.floor(window.thresholdEvents / 3)),
        rearmUs: window.rearmMs * 1000,
      };
    case 'sliding':
      return { kind: 'sliding', hopUs: window.hopMs * 1000, emitEmpty: window.emitEmpty };
    case 'trigger':
      return { kind: 'trigger', historyUs: window.historyMs * 1000 };
  }
}
