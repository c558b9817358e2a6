/**
 * The event engine: only spikes cost synaptic additions. Equal to the reference engine spike for spike, because a
 * current is the same float32 sum in the same order; the terms left out are zeros.
 */
import { scanInput } from '../../network/scan-input.js';
import { checkSpec, checkWeights } from '../../network/shapes.js';
import { BRANCHES, type BranchName } from '../../network/spec.js';
import type { TaxelWindow } from '../../network/window.js';
import type { BranchOutcome, Engine, Executor, Network, Outcome, Trace } from '../engine.js';
import { createEventBranch, type EventBranch, scanBranch } from './branch.js';
import { type Kernels, plainKernels } from './kernels.js';
import { createSimdKernels, simdSupported } from './simd/simd.js';
import { canStreamLocation, untouchedLocation } from './stream/location-stream.js';
import { EventStream, type StreamParts } from './stream/stream.js';

export const eventEngine: Engine = {
  name: 'event',
  modes: ['simd', 'plain'],
  unavailable: async (mode) => {
    checkMode(mode);
    return mode === 'simd' && !simdSupported() ? 'its WebAssembly has no SIMD' : undefined;
  },
  async compile(network: Network, mode?: string): Promise<Executor> {
    if (mode !== undefined) checkMode(mode);
    const { spec, weights } = network;
    checkSpec(spec);
    checkWeights(spec, weights);
    const kernels = chooseKernels(mode);
    const branches = BRANCHES.filter((name) => spec[name] !== undefined).map((name) =>
      createEventBranch(kernels, spec, name, weights),
    );
    let parts: StreamParts | undefined;
    return {
      engine: 'event',
      mode: kernels.mode,
      spec,
      run: async (windows) => windows.map((window) => runWindow(network, branches, window)),
      trace: async (window) => traceWindow(network, branches, window),
      stream: () => {
        parts ??= streamParts(network, branches);
        return new EventStream(parts);
      },
      dispose: async () => {},
    };
  },
};

function checkMode(mode: string): void {
  if (mode !== 'simd' && mode !== 'plain')
    throw new RangeError(`engine event has no mode "${mode}"; it has simd and plain`);
}

/** SIMD where the machine has it, unless a mode is asked for. Throws when that one cannot be had. */
function chooseKernels(mode: string | undefined): Kernels {
  if (mode === 'plain') return plainKernels;
  if (mode === 'simd') return createSimdKernels();
  return simdSupported() ? createSimdKernels() : plainKernels;
}

/** What the streams of an executor share. */
function streamParts({ spec }: Network, branches: readonly EventBranch[]): StreamParts {
  const [time, location] = (['time', 'location'] as const).map((name) =>
    branches.find((branch) => branch.name === name),
  );
  const untouched =
    location !== undefined && canStreamLocation(location) ? untouchedLocation(location) : undefined;
  return { spec, time, location, untouched };
}

function runWindow(network: Network, branches: readonly EventBranch[], window: TaxelWindow): Outcome {
  const outcome: { [B in BranchName]?: BranchOutcome } = {};
  for (const branch of branches)
    outcome[branch.name] = scanBranch(branch, scanInput(network.spec, branch.name, window));
  return outcome;
}

function traceWindow(network: Network, branches: readonly EventBranch[], window: TaxelWindow): Trace {
  const trace: { [B in BranchName]?: Uint8Array[] } = {};
  for (const branch of branches) {
    const spikes = branch.layers.map(({ width }) => new Uint8Array(branch.steps * width));
    scanBranch(branch, scanInput(network.spec, branch.name, window), {
      record(layer, step, state) {
        const { index, count } = state.spikes;
        const { width } = branch.layers[layer]!;
        for (let k = 0; k < count; k++) spikes[layer]![step * width + index[k]!] = 1;
      },
    });
    trace[branch.name] = spikes;
  }
  return trace;
}
