/** A whole daemon in simulated time: sensors, sessions, windows and timers on one fake clock; its worker is a real thread. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { seededRandom } from '../../models/index.js';
import type { Daemon } from '../../runtime/daemon.js';
import { waitingWindows } from '../../runtime/edge/inputs.js';
import type { PipelineResult } from '../../runtime/inference/index.js';
import type { ResultBody } from '../../runtime/publish/index.js';
import { sensorClock } from '../../runtime/sensor-clock.js';
import type { Cleanup } from './cleanup.js';
import { FakeClock } from './clock.js';
import { configOf, makeDaemon } from './daemon.js';
import type { LoggedLine } from './log.js';
import { PulledSensor } from './pulled-sensor.js';
import { smallModelFile, smallNetwork } from './small-model.js';

/** Length of a window, and from one to the next. */
export const windowMs = 200;
const input = { taxels: 3, channels: 2, bins: 4, binUs: windowMs * 250 };
/** From one word of a sensor to the next. */
export const tickMs = 10;

export interface SimulatedEdgeOptions {
  readonly sensors: readonly string[];
  /** Pipelines by name, each with its sensors. */
  readonly pipelines: Readonly<Record<string, readonly string[]>>;
  readonly seed: number;
  readonly onResult?: (body: ResultBody, result: PipelineResult) => void;
}

export class SimulatedEdge {
  private constructor(
    readonly clock: FakeClock,
    readonly daemon: Daemon,
    readonly sensors: ReadonlyMap<string, PulledSensor>,
    readonly lines: readonly LoggedLine[],
  ) {}

  /** Resolves when it is up; time stands still until `tick`. */
  static async start(options: SimulatedEdgeOptions, cleanup: Cleanup): Promise<SimulatedEdge> {
    const { sensors: names, pipelines, seed, onResult } = options;
    const folder = mkdtempSync(join(tmpdir(), 'whorl-simulated-'));
    cleanup.after(() => rmSync(folder, { recursive: true, force: true }));
    const geometry = join(folder, 'three.json');
    writeFileSync(geometry, '{"id": "three", "taxels": [{"p": [0, 0]}, {"p": [1, 0]}, {"p": [0, 1]}]}');
    const [finger, hand] = await Promise.all(
      [1, 2].map((fingers) =>
        smallModelFile(folder, smallNetwork(fingers, { ...input, channels: 2 * fingers })),
      ),
    );
    const each = <T>(make: (name: string, i: number) => T): Record<string, T> =>
      Object.fromEntries(names.map((name, i) => [name, make(name, i)]));
    const clock = new FakeClock();
    const time = sensorClock(clock);
    const sensors = each((_, i) => new PulledSensor(time, seededRandom(seed + i), i + 1));
    const config = configOf({
      sensors: each(() => ({ transport: { kind: 'simulator' }, geometry })),
      pipelines: Object.fromEntries(
        Object.entries(pipelines).map(([name, heard]) => [
          name,
          {
            ...{ sensors: heard, model: heard.length === 1 ? finger : hand, anytime: { everyBins: 0 } },
            window: { kind: 'sliding', hopMs: windowMs, emitEmpty: true },
          },
        ]),
      ),
    });
    const { daemon, lines } = makeDaemon(cleanup, config, {
      clock,
      transports: each((name) => sensors[name]!.transport),
      observer: { result: (body, result) => onResult?.(body, result) },
    });
    await daemon.start();
    return new SimulatedEdge(clock, daemon, new Map(Object.entries(sensors)), lines);
  }

  /** Lets time pass by one tick, and all that follows from it happen. */
  async tick(): Promise<void> {
    for (const sensor of this.sensors.values()) sensor.speak();
    await this.settle();
    this.clock.advance(tickMs);
    await this.settle();
  }

  /** Lets everything happen that needs no time, answers of the worker included. */
  readonly settle = async (): Promise<void> => {
    for (let i = 0; i < 4; i++) await nextTurn();
    const { pipelines } = this.daemon;
    while ([...pipelines.values()].some(({ counters }) => waitingWindows(counters) > 0)) await nextTurn();
  };
}
