import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Cleanup, withCleanup } from './cleanup.js';
import type { SensorReport } from './load-daemon.js';
import { LoadedDaemon, type Made, sensorName } from './loaded-daemon.js';
import { PtyCable } from './pty.js';

export const taxels = 39;

export interface LoadTerms {
  readonly sensors: number;
  /** Events a second of each sensor. */
  readonly rate: number;
  readonly seconds: number;
  /** Bytes that a sensor can hold back. */
  readonly ring: number;
}

/** Where the events of one sensor went: made = classified + counted + uncounted. */
export interface Balance {
  readonly made: number;
  /** Those that arrived in the daemon. */
  readonly events: number;
  /** In windows that were answered. */
  readonly classified: number;
  /** Told as lost by the sensor. */
  readonly eventsLost: number;
  /** In windows that got no answer. */
  readonly unanswered: number;
  /** Late, out of range or outside every window. */
  readonly misplaced: number;
  /** All of which a counter knows that they were not classified. */
  readonly counted: number;
  readonly uncounted: number;
  readonly framesLost: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly backward: number;
  readonly updates: number;
  readonly windows: number;
}

export interface LoadOutcome {
  /** Sum over the sensors. */
  total(key: keyof Balance): number;
  /** The longest that an event had to wait until its simulator ran. */
  readonly heldUpMs: number;
  readonly cpuCores: number;
  readonly rssMb: number;
}

/**
 * Runs a daemon with so many sensors, each the program `simulator` (tef-sim) at the end of a serial cable, until all events
 * have been made and nothing more changes.
 */
export function runLoad(terms: LoadTerms, simulator: string): Promise<LoadOutcome> {
  return withCleanup((cleanup) => run(terms, simulator, cleanup));
}

async function run(
  { sensors, rate, seconds, ring }: LoadTerms,
  simulator: string,
  cleanup: Cleanup,
): Promise<LoadOutcome> {
  const cables = Array.from({ length: sensors }, () => new PtyCable());
  for (const cable of cables) cleanup.after(() => cable.remove());
  await Promise.all(cables.map((cable) => cable.plug()));
  const count = Math.round(rate * seconds);
  const simulated = Promise.all(
    cables.map(({ there }, i) =>
      startSensor(simulator, there, { seed: i + 1, uid: i + 1, rate, ring, count }, cleanup),
    ),
  );
  simulated.catch(() => {}); // waited for below
  const ports = cables.map(({ here }) => here);
  const daemon = await LoadedDaemon.start(configuration(ports), cleanup);
  const made = await daemon.watchUntil(simulated);
  const settled = await daemon.settled(made);
  const balances = made.map((sensor, i) => balance(sensor, settled.sensors[sensorName(i)]!));
  return {
    total: (key) => balances.reduce((sum, one) => sum + one[key], 0),
    heldUpMs: Math.max(...made.map(({ latest_us }) => latest_us)) / 1000,
    cpuCores: daemon.cpuCores,
    rssMb: daemon.rssMb,
  };
}

/** A pipeline a port. */
function configuration(ports: readonly string[]): object {
  const names = ports.map((_, i) => sensorName(i));
  return {
    configVersion: 2,
    edge: { id: 'load' },
    log: { level: 'warn' },
    sensors: Object.fromEntries(
      names.map((name, i) => [
        name,
        { transport: { kind: 'serial', path: ports[i] }, geometry: 'neutouch-b' },
      ]),
    ),
    pipelines: Object.fromEntries(
      names.map((name) => [
        name,
        { sensors: [name], model: 'demo', window: { kind: 'sliding', hopMs: 1000 } },
      ]),
    ),
  };
}

/** A sensor at the end of a cable, with these options of tef-sim: fulfilled when all its events have left. */
async function startSensor(
  program: string,
  port: string,
  options: Readonly<Record<string, number>>,
  cleanup: Cleanup,
): Promise<Made> {
  const words = Object.entries({ taxels, ...options }).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const child = spawn(program, ['--port', port, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  cleanup.after(() => child.kill('SIGKILL'));
  for await (const line of createInterface(child.stderr)) {
    if (line.startsWith('{')) return JSON.parse(line) as Made;
    throw new Error(line);
  }
  throw new Error(`the simulator on ${port} ended before it had sent its events`);
}

/** Where the events of one sensor went. */
function balance({ made }: Made, sensor: SensorReport): Balance {
  const { window } = sensor;
  const of = (key: keyof typeof window): number => window[key] ?? 0;
  const misplaced =
    of('outside') + of('late') + of('badTaxel') + of('badPolarity') + of('badTime') + of('jump');
  // Events of windows without an answer; only where such windows are counted do their events count as counted.
  const unanswered = sensor.unanswered > 0 ? of('placed') - sensor.classified : 0;
  const counted = sensor.eventsLost + sensor.rejected + sensor.unserved + misplaced + unanswered;
  const { events, classified, eventsLost, framesLost, chunks, bytes, backward, updates, windows } = sensor;
  return {
    ...{ made, events, classified, eventsLost, unanswered, misplaced, counted },
    uncounted: made - classified - counted,
    ...{ framesLost, chunks, bytes, backward, updates, windows },
  };
}
