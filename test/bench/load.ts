/**
 * Real load on one daemon: sensors on serial cables (socat), each a process of its own (`tef-sim`), events at full pace,
 * classified by the bundled model. Every event that the sensors made must stand in a window that was answered, or in a
 * counter: `lost_uncounted` is the rest.
 */

import { cpus, loadavg } from 'node:os';
import { FirmwareBuild } from '../support/firmware.js';
import { type Balance, type LoadOutcome, type LoadTerms, runLoad, taxels } from '../support/load-run.js';
import { UsageError } from '../support/menu.js';
import { needs } from '../support/programs.js';
import { positive } from '../support/promises.js';
import { type Bench, table } from './bench.js';

interface Load {
  readonly name: string;
  readonly sensors: number;
  /** Events a second of each sensor. */
  readonly rate: number;
}

const loads: readonly Load[] = [
  { name: 'sixteen', sensors: 16, rate: 5000 },
  { name: 'fast', sensors: 1, rate: 400_000 },
];

export const bench: Bench = {
  name: 'load',
  about:
    '16 sensors of 5,000 events/s, then one of 400,000, over pseudo-terminals [--seconds, default 20] [--only sixteen|fast] [--times, of these rates, default 1] [--ring, bytes that a sensor can hold back, default 65536]',
  async run(args) {
    const { only, times, ...terms } = readArguments(args);
    const missing = needs('socat', 'gcc');
    if (missing) throw new Error(`this bench ${missing}`);
    const build = new FirmwareBuild();
    const figures: Record<string, number> = {};
    try {
      const simulator = build.simulator({ checked: false });
      const outcomes: LoadOutcome[] = [];
      for (const load of loads.filter(({ name }) => only === undefined || name === only)) {
        const { name, sensors, rate } = load;
        const outcome = await measure(name, { sensors, rate: rate * times, ...terms }, simulator);
        outcomes.push(outcome);
        for (const [key, value] of Object.entries(figuresOf([outcome])))
          figures[`${load.name}_${key}`] = value;
      }
      return { ...figuresOf(outcomes), ...figures };
    } finally {
      build.remove();
    }
  },
};

function readArguments(args: readonly string[]): {
  seconds: number;
  only: string | undefined;
  times: number;
  ring: number;
} {
  const value = (name: string): string | undefined =>
    args.includes(name) ? args[args.indexOf(name) + 1] : undefined;
  const seconds = positive('--seconds', value('--seconds') ?? '20');
  const only = value('--only');
  const times = positive('--times', value('--times') ?? '1');
  // The simulators share the machine: one that is held up for 70 ms still has everything that it should have sent by then.
  const ring = positive('--ring', value('--ring') ?? '65536');
  if (only !== undefined && !loads.some(({ name }) => name === only))
    throw new UsageError(`--only needs one of ${loads.map(({ name }) => name).join(', ')}`);
  return { seconds, only, times, ring };
}

/** Sums of events and losses; the highest of processor time and memory. */
function figuresOf(outcomes: readonly LoadOutcome[]): Record<string, number> {
  const sum = (key: keyof Balance): number => outcomes.reduce((all, { total }) => all + total(key), 0);
  return {
    events_made: sum('made'),
    events_in: sum('events'),
    events_classified: sum('classified'),
    lost_counted: sum('counted'),
    lost_uncounted: sum('uncounted'),
    cpu_cores: Number(Math.max(...outcomes.map(({ cpuCores }) => cpuCores)).toFixed(2)),
    rss_mb: Math.round(Math.max(...outcomes.map(({ rssMb }) => rssMb))),
  };
}

/** Runs one load and prints what became of it. */
async function measure(name: string, terms: LoadTerms, simulator: string): Promise<LoadOutcome> {
  const { sensors, rate, seconds } = terms;
  const before = loadavg()[0]!;
  const outcome = await runLoad(terms, simulator);
  const { total } = outcome;
  const told = (key: keyof Balance): string => total(key).toLocaleString('en');
  console.log(
    `${name}: ${sensors} sensor${sensors > 1 ? 's' : ''} of ${taxels} taxels, ${rate.toLocaleString('en')} events/s each, for ${seconds} s`,
  );
  table([
    ['events made', told('made')],
    ['arrived', told('events')],
    ['in windows with an answer', told('classified')],
    ['told as lost by the sensor (its buffer was full)', told('eventsLost')],
    ['in windows without an answer', told('unanswered')],
    ['beside the windows', told('misplaced')],
    ['frames missing by their numbers', told('framesLost')],
    ['lost and not counted', told('uncounted')],
    ['moved up in time', told('backward')],
    ['chunks', told('chunks')],
    ['bytes', told('bytes')],
    ['windows, and answers before their end', `${told('windows')}, ${told('updates')}`],
    ['longest that a sensor was held up, ms', outcome.heldUpMs.toFixed(0)],
    ['processor, cores', outcome.cpuCores.toFixed(2)],
    ['resident memory, MB', outcome.rssMb.toFixed(0)],
  ]);
  console.log(
    `load average ${before.toFixed(2)} before, ${loadavg()[0]!.toFixed(2)} after, ${cpus().length} cores\n`,
  );
  return outcome;
}
