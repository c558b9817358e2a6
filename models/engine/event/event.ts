/**
 * The event engine: only spikes cost synaptic additions. Equal to the reference engine spike for spike, because a
 * current is the same float32 sum in the same order; the terms left out are zeros.
 */
import { scanInput } from '../../network/scan-input.js';
import { checkSpec, checkWeights } from '../../network/shapes.js';
import { BRANCHES, type BranchName } from '../../network/spec.js';
import type { TaxelWindow } from '../../network/window.js';
import type { BranchOutcome, Engine, Executor, Network, Outcome, Trace } from '../engine.js';
import { createEventBranch, createTape, type EventBranch, scanBranch } from './branch.js';

export const eventEngine: Engine = {
  name: 'event',
  compile(network: Network): Executor {
    const { spec, weights } = network;
    checkSpec(spec);
    checkWeights(spec, weights);
    const branches = BRANCHES.filter((name) => spec[name] !== undefined).map((name) =>
      createEventBranch(spec, name, weights),
    );
    return {
      engine: 'event',
      network,
      run: async (windows) => windows.map((window) => runWindow(network, branches, window)),
      trace: async (window) => traceWindow(network, branches, window),
      dispose: () => {},
    };
  },
};

function runWindow(network: Network, branches: readonly EventBranch[], window: TaxelWindow): Outcome {
  const outcome: { [B in BranchName]?: BranchOutcome } = {};
  for (const branch of branches)
    outcome[branch.name] = scanBranch(branch, scanInput(network.spec, branch.name, window));
  return outcome;
}

function traceWindow(network: Network, branches: readonly EventBranch[], window: TaxelWindow): Trace {
  const trace: { [B in BranchName]?: Uint8Array[] } = {};
  for (const branch of branches) {
    const tape = createTape(branch);
    scanBranch(branch, scanInput(network.spec, branch.name, window), tape);
    trace[branch.name] = branch.layers.map(({ width }, l) => {
      const { start, index } = tape.spikes[l]!;
      const spikes = new Uint8Array(branch.steps * width);
      for (let n = 0; n < branch.steps; n++)
        for (let i = start[n]!; i < start[n + 1]!; i++) spikes[n * width + index[i]!] = 1;
      return spikes;
    });
  }
  return trace;
}
