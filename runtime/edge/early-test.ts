/** What an answer must pass to be decided before the end of its window. Pure. */
import type { StoppingSpec } from '../../models/index.js';
import type { PipelineConfig } from '../config/index.js';
import type { EarlyTest } from './decider.js';

/**
 * The test of the configuration, or that of the model where the configuration leaves it to the model; undefined where the
 * model has none, so that it decides nothing early.
 */
export function earlyTest(
  anytime: PipelineConfig['anytime'],
  stopping: StoppingSpec | undefined,
): EarlyTest | undefined {
  if (anytime.decideBy === 'fixed') return anytime;
  if (stopping === undefined) return undefined;
  const { thresholds, minMargin = 0, holdBins } = stopping;
  return { minConfidence: thresholds, minMargin, holdBins };
}
