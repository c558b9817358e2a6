/**
 * Real load on one daemon: sensors on serial cables (socat), each a process of its own (`tef-sim`), events at full pace,
 * classified by the bundled model. Every event that the sensors made must stand in a window that was answered, or in a
 * counter: `lost_uncounted` is the rest.
 */
import { spawn } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { FirmwareBuild } from '../support/firmware.js';
import type { SensorReport } from '../support/load-daemon.js';
import { type After, LoadedDaemon, type Made, sensorName } from '../support/loaded-daemon.js';
import { needs } from '../support/programs.js';
import { PtyCable } from '../support/pty.js';
import { type Bench, table } from './bench.js';

interface Load {
  readonly name: string;
  readonly sensors: number;
  /** Events a second of each sensor. */
  readonly rate: number;
}

interface Outcome {
  readonly eventsMade: number;
  /** Those that arrived in the daemon. */
  readonly eventsIn: number;
  readonly classified: number;
  readonly lostCounted: number;
  readonly lostUncounted: number;
  readonly cpuCores: number;
  readonly rssMb: number;
}

const loads: readonly Load[] = [
  { name: 'sixteen', sensors: 16, rate: 5000 },
  { name: 'fast', sensors: 1, rate: 400_000 },
];
const taxels = 39;

export const bench: Bench = {
  name: 'load',
  about:
    '16 sensors of 5,000 events/s, then one of 400,000, over pseudo-terminals [--seconds, default 20] [--only sixteen|fast] [--times, of these rates, default 1] [--ring, bytes that a sensor can hold back, default 65536]',
  async run(args) {
    const missing = needs('socat', 'gcc');
    if (missing) throw new Error(`this bench ${missing}`);
    const { only, times, ...terms } = readArguments(args);
    const build = new FirmwareBuild();
    const figures: Record<string, number> = {};
    try {
      const simulator = build.simulator({ checked: false });
      const outcomes: Outcome[] = [];
      for (const load of loads.filter(({ name }) => only === undefined || name === only)) {
        const outcome = await withCleanUp((after) =>
          measure({ ...load, ...terms, rate: load.rate * times }, simulator, after),
        );
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
  const seconds = Number(value('--seconds') ?? 20);
  const only = value('--only');
  const times = Number(value('--times') ?? 1);
  // The simulators share the machine: one that is held up for 70 ms still has everything that it should have sent by then.
  const ring = Number(value('--ring') ?? 65_536);
  if (!(seconds > 0 && times > 0)) throw new Error('--seconds and --times need numbers above 0');
  if (only !== undefined && !loads.some(({ name }) => name === only))
    throw new Error(`--only needs one of ${loads.map(({ name }) => name).join(', ')}`);
  return { seconds, only, times, ring };
}

/** Sums of events and losses; the highest of processor time and memory. */
function figuresOf(outcomes: readonly Outcome[]): Record<string, number> {
  const sum = (pick: (outcome: Outcome) => number): number =>
    outcomes.reduce((all, outcome) => all + pick(outcome), 0);
  return {
    events_made: sum(({ eventsMade }) => eventsMade),
    events_in: sum(({ eventsIn }) => eventsIn),
    events_classified: sum(({ classified }) => classified),
    lost_counted: sum(({ lostCounted }) => lostCounted),
    lost_uncounted: sum(({ lostUncounted }) => lostUncounted),
    cpu_cores: Number(Math.max(...outcomes.map(({ cpuCores }) => cpuCores)).toFixed(2)),
    rss_mb: Math.round(Math.max(...outcomes.map(({ rssMb }) => rssMb))),
  };
}

async function withCleanUp<T>(work: (after: After) => Promise<T>): Promise<T> {
  const cleanups: (() => unknown)[] = [];
  try {
    return await work((undo) => cleanups.push(undo));
  } finally {
    for (const undo of cleanups.reverse()) await undo();
  }
}

async function measure(
  { name, sensors, rate, seconds, ring }: Load & { seconds: number; ring: number },
  simulator: string,
  after: After,
): Promise<Outcome> {
  const loadBefore = loadavg()[0]!;
  const cables = Array.from({ length: sensors }, () => new PtyCable());
  for (const cable of cables) after(() => cable.remove());
  await Promise.all(cables.map((cable) => cable.plug()));
  const simulated = Promise.all(
    cables.map((cable, i) =>
      startSensor(
        simulator,
        cable.there,
        { seed: i + 1, uid: i + 1, rate, ring, count: Math.round(rate * seconds) },
        after,
      ),
    ),
  );
  simulated.catch(() => {}); // waited for below
  const daemon = await LoadedDaemon.start(
    cables.map(({ here }) => here),
    after,
  );
  const made = await daemon.watchUntil(simulated);
  const settled = await daemon.settled(made);
  const rows = made.map((sensor, i) => balance(sensor, settled.sensors[sensorName(i)]!));
  const total = (pick: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((sum, row) => sum + pick(row), 0);
  const outcome = {
    eventsMade: total((row) => row.made),
    eventsIn: total((row) => row.events),
    classified: total((row) => row.classified),
    lostCounted: total((row) => row.counted),
    lostUncounted: total((row) => row.made - row.classified - row.counted),
    cpuCores: daemon.cpuCores,
    rssMb: daemon.rssMb,
  };
  print({ name, sensors, rate }, seconds, rows, outcome, made);
  console.log(
    `load average ${loadBefore.toFixed(2)} before, ${loadavg()[0]!.toFixed(2)} after, ${cpus().length} cores\n`,
  );
  return outcome;
}

/** A sensor at the end of a cable, with these options of tef-sim: fulfilled when all its events have left. */
async function startSensor(
  program: string,
  port: string,
  options: Readonly<Record<string, number>>,
  after: After,
): Promise<Made> {
  const words = Object.entries({ taxels, ...options }).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const child = spawn(program, ['--port', port, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  after(() => child.kill('SIGKILL'));
  for await (const line of createInterface(child.stderr)) {
    if (line.startsWith('{')) return JSON.parse(line) as Made;
    throw new Error(line);
  }
  throw new Error(`the simulator on ${port} ended before it had sent its events`);
}

/** Where the events of one sensor went. */
function balance({ made, dropped }: Made, sensor: SensorReport) {
  const { window } = sensor;
  const of = (key: keyof typeof window): number => window[key] ?? 0;
  const misplaced =
    of('outside') + of('late') + of('badTaxel') + of('badPolarity') + of('badTime') + of('jump');
  // Events of windows without an answer; only where such windows are counted do their events count as counted.
  const unanswered = sensor.unanswered > 0 ? of('placed') - sensor.classified : 0;
  const counted = sensor.eventsLost + sensor.rejected + sensor.unserved + misplaced + unanswered;
  return { made, dropped, counted, unanswered, misplaced, ...pick(sensor) };
}

function pick({
  events,
  classified,
  eventsLost,
  framesLost,
  chunks,
  bytes,
  backward,
  updates,
  windows,
}: SensorReport) {
  return { events, classified, eventsLost, framesLost, chunks, bytes, backward, updates, windows };
}

function print(
  { name, sensors, rate }: Load,
  seconds: number,
  rows: readonly ReturnType<typeof balance>[],
  outcome: Outcome,
  made: readonly Made[],
): void {
  const total = (key: keyof (typeof rows)[number]): string =>
    rows.reduce((sum, row) => sum + row[key], 0).toLocaleString('en');
  console.log(
    `${name}: ${sensors} sensor${sensors > 1 ? 's' : ''} of ${taxels} taxels, ${rate.toLocaleString('en')} events/s each, for ${seconds} s`,
  );
  table([
    ['events made', total('made')],
    ['arrived', total('events')],
    ['in windows with an answer', total('classified')],
    ['told as lost by the sensor (its buffer was full)', total('eventsLost')],
    ['in windows without an answer', total('unanswered')],
    ['beside the windows', total('misplaced')],
    ['frames missing by their numbers', total('framesLost')],
    ['lost and not counted', outcome.lostUncounted.toLocaleString('en')],
    ['moved up in time', total('backward')],
    ['chunks', total('chunks')],
    ['bytes', total('bytes')],
    ['windows, and answers before their end', `${total('windows')}, ${total('updates')}`],
    ['longest that a sensor was held up, ms', (Math.max(...made.map((m) => m.latest_us)) / 1000).toFixed(0)],
    ['processor, cores', outcome.cpuCores.toFixed(2)],
    ['resident memory, MB', outcome.rssMb.toFixed(0)],
  ]);
}
