/** Whether another worker has our name. A broker lets the later one in and throws the other out, each time. Pure. */
import type { Ended } from '../publish/index.js';

/** Two that fight for a name are let in for as long as the other one pauses. */
const SHORT_MS = 60_000;
/** Brokers that are started anew hang up as well, but seldom so often in a row. */
const MANY = 3;

/** Times in a row that the broker has let us in and soon hung up, after this end. */
export function hangUpsAfter(before: number, { cause, upMs }: Ended): number {
  if (cause !== 'hung-up') return 0;
  return upMs < SHORT_MS ? before + 1 : 1;
}

/** Why there seems to be another one; undefined when nothing says so. */
export function rivalry({ cause }: Ended, hangUps: number): string | undefined {
  if (cause === 'taken') return 'another client has connected in the name of this worker';
  if (hangUps < MANY) return undefined;
  return `the broker has let this worker in and hung up ${hangUps} times in a row, as it does when two have one name`;
}
