/**
 * The event engine: only spikes cost synaptic additions. Equal to the reference engine spike for spike, because a
 * current is the same float32 sum in the same order; the terms left out are zeros.
 */
import { checkSpec, checkWeights } from '../../network/shapes.js';
import type { StackName } from '../../network/spec.js';
import type { TaxelWindow } from '../../network/window.js';
import type { Engine, Executor, Network, Trace } from '../engine.js';
import { type Kernels, plainKernels } from './kernels.js';
import { createEventNetwork, type EventNetwork, scanWindow } from './scan-window.js';
import { createSimdKernels, simdSupported } from './simd/simd.js';
import { EventStream, type StreamParts, streamParts } from './stream/stream.js';

export const eventEngine: Engine = {
  name: 'event',
  modes: ['simd', 'plain'],
  unavailable: async (mode) => {
    checkMode(mode);
    return mode === 'simd' && !simdSupported() ? 'its WebAssembly has no SIMD' : undefined;
  },
  async compile({ spec, weights }: Network, mode?: string): Promise<Executor> {
    if (mode !== undefined) checkMode(mode);
    checkSpec(spec);
    checkWeights(spec, weights);
    const kernels = chooseKernels(mode);
    const network = createEventNetwork(kernels, spec, weights);
    let parts: StreamParts | undefined;
    return {
      engine: 'event',
      mode: kernels.mode,
      spec,
      run: async (windows) => windows.map((window) => scanWindow(network, window)),
      trace: async (window) => traceWindow(network, window),
      stream: () => {
        parts ??= streamParts(network);
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
  return mode === 'simd' ? createSimdKernels() : fastestKernels();
}

/** SIMD where the machine has it. */
export function fastestKernels(): Kernels {
  return simdSupported() ? createSimdKernels() : plainKernels;
}

function traceWindow(network: EventNetwork, window: TaxelWindow): Trace {
  const trace = Object.fromEntries(
    network.stacks.map(({ name, layers, steps }) => [
      name,
      layers.map(({ width }) => new Uint8Array(steps * width)),
    ]),
  ) as { [S in StackName]: Uint8Array[] };
  const widths = new Map(network.stacks.map(({ name, layers }) => [name, layers.map(({ width }) => width)]));
  scanWindow(network, window, (stack, layer, step, { index, count }) => {
    const base = step * widths.get(stack)![layer]!;
    for (let k = 0; k < count; k++) trace[stack][layer]![base + index[k]!] = 1;
  });
  return trace;
}
