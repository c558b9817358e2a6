import type { AnytimeRecord } from '../../models/index.js';

/** [label, confidence, margin] after each bin; a margin that is not named is 1. */
export type RecordRow = readonly [label: number, confidence: number, margin?: number];

/** The record of a window of this class. */
export function recordOf(target: number, rows: readonly RecordRow[]): AnytimeRecord {
  return {
    target,
    labels: Uint16Array.from(rows, ([label]) => label),
    confidences: Float32Array.from(rows, ([, confidence]) => confidence),
    margins: Float32Array.from(rows, ([, , margin = 1]) => margin),
  };
}
