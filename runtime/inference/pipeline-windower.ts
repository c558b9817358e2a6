import type { InputSpec } from '../../models/index.js';
import { Windower, type WindowerOptions } from '../window/index.js';
import { tellsBins } from './anytime.js';
import type { PipelineOptions } from './pipeline-options.js';

/** What a pipeline hears of its windows. */
export type WindowListener = Required<Pick<WindowerOptions, 'onWindow' | 'onBins' | 'onLate'>>;

/**
 * Makes the windows of a pipeline, of this shape; it tells of bins only where somebody asks for answers before the end.
 * Throws when the window policy cannot give such windows.
 */
export function createWindower(
  { sensors, policy, everyBins, maxLagUs, maxJumpUs }: PipelineOptions,
  input: InputSpec,
  { onWindow, onBins, onLate }: WindowListener,
): Windower {
  return new Windower({
    ...{ input, sensors: sensors.length, policy, onWindow },
    ...(maxLagUs === undefined ? {} : { maxLagUs }),
    ...(maxJumpUs === undefined ? {} : { maxJumpUs }),
    ...(everyBins === 0 || !tellsBins(policy, input) ? {} : { onBins, onLate }),
  });
}
