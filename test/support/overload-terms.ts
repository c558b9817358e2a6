/** An overload that both the drill and its short form make: touch that comes faster than a slow model can answer. */
import type { InputSpec } from '../../models/index.js';
import type { Request } from '../../runtime/inference/protocol.js';

/** Windows of 100 ms, a new one every 50 ms: 20 a second, and 200 answers before their ends. */
export const overloadInput: InputSpec = { taxels: 3, channels: 2, bins: 10, binUs: 10_000 };
export const overloadHopMs = 50;
export const overloadDeadlineMs = 200;
export const overloadQueue = 4;
/** The model takes so long for a window, and for each step before its end. */
export const windowMs = 80;
export const stepMs = 5;

/** How long the slow model takes for a request, in milliseconds. */
export function slowness(request: Request): number {
  if (request.kind === 'infer') return windowMs;
  if (request.kind !== 'step') return 0;
  return request.to === overloadInput.bins ? windowMs : stepMs;
}

/** Whether there is touch in a piece of 10 ms: all the time, or once a second. */
export function touches(atMs: number, heavy: boolean): boolean {
  return heavy || atMs % 1000 < 10;
}
