import type { Engine } from './engine.js';
import { eventEngine } from './event/event.js';
import { gpuEngine } from './gpu/gpu.js';
import { referenceEngine } from './reference/reference.js';

/** Every engine, the default first. */
export const engines: readonly Engine[] = [eventEngine, gpuEngine, referenceEngine];

/** The engine of that name. Throws RangeError, naming those there are, when there is none. */
export function engineByName(name: string): Engine {
  const engine = engines.find((candidate) => candidate.name === name);
  if (engine === undefined)
    throw new RangeError(`no engine "${name}"; there are ${engines.map((e) => e.name).join(', ')}`);
  return engine;
}
