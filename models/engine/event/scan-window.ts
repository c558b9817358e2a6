import { type ScanInput, stackInput } from '../../network/scan-input.js';
import { type NetworkSpec, STACKS, type StackName } from '../../network/spec.js';
import { SpikeTrain } from '../../network/spike-train.js';
import type { Weights } from '../../network/weights.js';
import type { TaxelWindow } from '../../network/window.js';
import type { BranchOutcome, Outcome } from '../engine.js';
import { createEventBranch, type EventBranch, type OnSpikes, scanBranch } from './branch.js';
import type { Kernels } from './kernels.js';

/** The stacks of a network, in the order in which they are computed. */
export interface EventNetwork {
  readonly spec: NetworkSpec;
  readonly stacks: readonly EventBranch[];
}

export function createEventNetwork(kernels: Kernels, spec: NetworkSpec, weights: Weights): EventNetwork {
  const stacks = STACKS.filter((name) => spec[name] !== undefined).map((name) =>
    createEventBranch(kernels, spec, name, weights),
  );
  return { spec, stacks };
}

/** Scans all stacks over one window. */
export function scanWindow(
  { spec, stacks }: EventNetwork,
  window: TaxelWindow,
  onSpikes?: (stack: StackName, ...spikes: Parameters<OnSpikes>) => void,
): Outcome {
  const outcome: { [S in StackName]?: BranchOutcome } = {};
  const outputs = new Map<StackName, ScanInput>();
  for (const stack of stacks) {
    const { name } = stack;
    const input = stackInput(spec, name, window, outputs);
    const output = spec.fused === undefined || name === 'fused' ? undefined : outputTrain(stack);
    if (output !== undefined) outputs.set(name, output);
    const tell: OnSpikes | undefined =
      output === undefined && onSpikes === undefined
        ? undefined
        : (layer, step, spikes) => {
            if (layer === stack.layers.length - 1) output?.set(step, spikes);
            onSpikes?.(name, layer, step, spikes);
          };
    outcome[name] = scanBranch(stack, input, tell);
  }
  return outcome;
}

function outputTrain({ steps, layers }: EventBranch): SpikeTrain {
  return new SpikeTrain(steps, layers.at(-1)!.width);
}
