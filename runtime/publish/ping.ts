import { z } from 'zod';
import type { Clock } from '../clock.js';
import { version } from '../version.js';
import { type Command, command } from './command-spec.js';

/** `ping`: whether an edge hears and answers, and which process it is. */
export function pingCommand(session: string, clock: Pick<Clock, 'nowUs' | 'monoUs'>): Command {
  const startedUs = clock.nowUs();
  const sinceUs = clock.monoUs();
  return command({
    name: 'ping',
    about: 'answers: which process this is, and since when',
    body: z.strictObject({}),
    run: () => ({
      session,
      started_us: startedUs,
      uptime_s: Math.floor((clock.monoUs() - sinceUs) / 1e6),
      version,
      now_us: clock.nowUs(),
    }),
  });
}
