/**
 * A daemon in a process of its own that tells its counters: forked by `LoadedDaemon` with the path of a configuration.
 * Sends a `LoadReport` for every message; upon `collect` all its threads collect their garbage first.
 */
import { existsSync, readdirSync } from 'node:fs';
import { loadConfig } from '../../runtime/config/index.js';
import { Daemon } from '../../runtime/daemon.js';
import { waitingWindows } from '../../runtime/edge/inputs.js';
import { createLogging } from '../../runtime/log/index.js';
import type { WindowCounters } from '../../runtime/window/index.js';
import { GarbageCollector } from './collect-garbage.js';

/** What became of one sensor's events, from the wire to the answers. */
export interface SensorReport {
  readonly events: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly framesLost: number;
  readonly eventsLost: number;
  readonly discardedBytes: number;
  /** Events of good frames that the session refused. */
  readonly rejected: number;
  readonly backward: number;
  readonly epochs: number;
  /** Events that came while there was no model. */
  readonly unserved: number;
  readonly window: Partial<WindowCounters>;
  /** Events that wait in the windower. */
  readonly windows: number;
  readonly waiting: number;
  /** Windows that got no answer. */
  readonly unanswered: number;
  readonly updates: number;
  /** Events in windows that were answered. */
  readonly classified: number;
}

export interface LoadReport {
  readonly sensors: Readonly<Record<string, SensorReport>>;
  /** Processor time of the process so far, all threads, in seconds. */
  readonly cpuS: number;
  readonly rssMb: number;
  readonly heapMb: number;
  /** Memory of buffers outside the heap. */
  readonly externalMb: number;
  /** Open files; 0 where the system does not tell. */
  readonly files: number;
  /** What keeps the event loop alive: sockets, timers, ports of workers. */
  readonly handles: number;
}

const openFiles = '/proc/self/fd';
const loaded = loadConfig({ file: process.argv[2]! });
if (!('config' in loaded)) throw new Error(JSON.stringify(loaded));
const { config, secrets } = loaded;
const classified = new Map<string, number>();
const daemon = new Daemon({
  ...{ config, secrets, log: createLogging(config.log).logger },
  anyPort: true,
  observer: {
    result: (_, { pipeline, window }) =>
      classified.set(pipeline, (classified.get(pipeline) ?? 0) + window.events),
  },
});

/** Each pipeline has the name of its one sensor. */
function reportOf(name: string): SensorReport {
  const { counters } = daemon.inputs.get(name)!.sensor;
  const pipeline = daemon.pipelines.get(name)!;
  const { dropped, shedWindows, lost, failed, cut, windows, updates, eventsUnserved } = pipeline.counters;
  const { events, chunks, bytes, framesLost, eventsLost, backward, epochs } = counters;
  return {
    ...{ events, chunks, bytes, framesLost, eventsLost, backward, epochs, windows, updates },
    discardedBytes: sum(counters.discarded),
    rejected: sum(counters.rejected),
    unserved: eventsUnserved,
    window: { ...pipeline.windowCounters },
    waiting: waitingWindows(pipeline.counters),
    unanswered: dropped + shedWindows + lost + failed + cut,
    classified: classified.get(name) ?? 0,
  };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

let collector: GarbageCollector | undefined;

process.on('message', async (wanted) => {
  if (wanted === 'collect') {
    collector ??= new GarbageCollector();
    await collector.collect();
  }
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const report: LoadReport = {
    sensors: Object.fromEntries([...daemon.inputs.keys()].map((name) => [name, reportOf(name)])),
    cpuS: (user + system) / 1e6,
    rssMb: rss / 2 ** 20,
    heapMb: heapUsed / 2 ** 20,
    externalMb: external / 2 ** 20,
    files: existsSync(openFiles) ? readdirSync(openFiles).length : 0,
    handles: process.getActiveResourcesInfo().length,
  };
  process.send!(report);
});
process.on('disconnect', () => void daemon.stop().then(() => process.exit()));
await daemon.start();
process.send!('up');
