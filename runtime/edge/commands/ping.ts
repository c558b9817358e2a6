import { z } from 'zod';
import { type Command, command } from '../../publish/index.js';
import { version } from '../../version.js';

export interface PingTarget {
  readonly session: string;
  /** Unix time of the start, in microseconds. */
  readonly startedUs: number;
  readonly nowUs: () => number;
}

/** `ping`: whether an edge hears and answers, and which process it is. */
export function pingCommand({ session, startedUs, nowUs }: PingTarget): Command {
  return command({
    name: 'ping',
    about: 'answers: which process this is, and since when',
    body: z.strictObject({}),
    run: () => {
      const now = nowUs();
      return { session, uptime_s: Math.floor((now - startedUs) / 1e6), version, now_us: now };
    },
  });
}
