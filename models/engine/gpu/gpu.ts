/**
 * The gpu.js engine: one engine from a Jetson's GPU to a machine without one. Spike for spike equal to the reference
 * engine. See DESIGN.md for the modes, the two forms, and what each costs.
 */
import { checkSpec, checkWeights } from '../../network/shapes.js';
import type { TaxelWindow } from '../../network/window.js';
import type { Engine, Executor, Network, Outcome } from '../engine.js';
import { whyUnavailable } from './availability.js';
import { type GpuMode, modeNames, modeOf } from './modes.js';
import { checkOptions, type GpuOptions, Programs } from './programs.js';

export const gpuEngine: Engine = createGpuEngine();

/** The engine with other than the usual options. Throws RangeError for options that make no sense. */
export function createGpuEngine(options: GpuOptions = {}): Engine {
  checkOptions(options);
  return {
    name: 'gpu',
    modes: modeNames,
    unavailable: async (mode) => whyUnavailable(modeOf(mode)),
    async compile(network, mode): Promise<Executor> {
      checkSpec(network.spec);
      checkWeights(network.spec, network.weights);
      const chosen = mode === undefined ? await firstAvailable() : modeOf(mode);
      const why = await whyUnavailable(chosen);
      if (why !== undefined) throw new Error(`engine gpu cannot compute in mode ${chosen} here: ${why}`);
      const programs = await Programs.open(network, chosen, options, mode !== undefined);
      return createExecutor(network, programs);
    },
  };
}

async function firstAvailable(): Promise<GpuMode> {
  for (const mode of modeNames) if ((await whyUnavailable(mode)) === undefined) return mode;
  return 'cpu';
}

function createExecutor(network: Network, programs: Programs): Executor {
  // Runs share buffers, and a plan takes one call at a time: they queue up.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
  return {
    engine: 'gpu',
    get mode() {
      return programs.mode;
    },
    get details() {
      return programs.details;
    },
    spec: network.spec,
    run: (windows) => inTurn(() => runAll(programs, windows)),
    trace: (window) => inTurn(() => programs.trace(window)),
    dispose: () => inTurn(() => programs.close()),
  };
}

async function runAll(programs: Programs, windows: readonly TaxelWindow[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let from = 0; from < windows.length; ) {
    const slots = programs.slots(windows.length - from);
    outcomes.push(...(await programs.run(slots, windows.slice(from, from + slots))));
    from += slots;
  }
  return outcomes;
}
