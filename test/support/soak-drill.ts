/** A daemon that runs for long at many times the normal pace: does it grow, does it slow down? */
import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../bench/bench.js';
import { type Cleanup, withCleanup } from './cleanup.js';
import type { LoadReport } from './load-daemon.js';
import { LoadedDaemon } from './loaded-daemon.js';
import { MqttSpy } from './mqtt-spy.js';
import { freePort } from './ports.js';
import { type Figures, rounded } from './promises.js';
import { theilSen } from './slope.js';

export interface SoakTerms {
  /** Real time. */
  readonly minutes: number;
  /** From one look at the process to the next. */
  readonly lookMs: number;
  readonly progress?: (line: string) => void;
}

/**
 * The normal pace is that of the demo: one finger, touched in real time, windows of 1 s that begin with touch, an answer
 * at every bin of 20 ms. Here everything happens so many times as often.
 */
export const pace = 20;
const name = 'finger0';

interface Look {
  readonly hours: number;
  readonly report: LoadReport;
}

interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * Resolves to what the process took after a third of the time, until when it warms up, and at its end. What counts is
 * memory that stays: at each look all threads collect their garbage first, since at this pace an idle thread may take minutes
 * until it does so itself, which looks like a leak. Slopes are those of the line through these looks (Theil and Sen), in
 * MB an hour of real time, and `projected` to the normal pace.
 */
export function soakDrill(terms: SoakTerms): Promise<Figures> {
  return withCleanup((cleanup) => drill(terms, cleanup));
}

async function drill({ minutes, lookMs, progress }: SoakTerms, cleanup: Cleanup): Promise<Figures> {
  const port = await freePort();
  const daemon = await LoadedDaemon.start(configuration(port), cleanup);
  const robot = await MqttSpy.connect(cleanup, `mqtt://127.0.0.1:${port}`);
  const looks: Look[] = [];
  const latencies: Latency[] = [];
  const beganMs = performance.now();
  const hours = (): number => (performance.now() - beganMs) / 3_600_000;
  for (let told = 1; hours() < minutes / 60; ) {
    await pause(lookMs);
    looks.push({ hours: hours(), report: await daemon.report('collect') });
    latencies.push(
      ...robot.seen.flatMap(({ topic, json }) => (topic.endsWith('/health') ? latencyOf(json) : [])),
    );
    robot.forget();
    if (hours() * 60 < told) continue;
    progress?.(`${told++} of ${minutes} minutes, ${looks.at(-1)!.report.rssMb.toFixed(0)} MB`);
  }
  return figuresOf(looks, latencies, minutes);
}

function configuration(port: number): object {
  return {
    configVersion: 1,
    edge: { id: 'soak' },
    log: { level: 'warn' },
    broker: { port },
    health: { intervalS: 1 },
    sensors: { [name]: { transport: { kind: 'simulator', seed: 1, speed: pace } } },
    pipelines: { [name]: { sensors: [name], model: 'demo', queueLimit: 64 } },
  };
}

/** Latencies of a period, from a message of health; none when nothing was answered in it. */
function latencyOf(json: Readonly<Record<string, unknown>>): Latency[] {
  const [pipeline] = json['pipelines'] as { latency_us: Latency }[];
  return pipeline !== undefined && pipeline.latency_us.count > 0 ? [pipeline.latency_us] : [];
}

function figuresOf(looks: readonly Look[], latencies: readonly Latency[], minutes: number): Figures {
  const warm = looks.slice(Math.floor(looks.length / 3));
  const [first, last] = [warm.slice(0, Math.ceil(warm.length / 3)), warm.slice(-Math.ceil(warm.length / 3))];
  const slope = slopeOf(warm, ({ rssMb }) => rssMb);
  const heapSlope = slopeOf(warm, ({ heapMb, externalMb }) => heapMb + externalMb);
  const counters = looks.at(-1)!.report.sensors[name]!;
  return {
    ...{ minutes, windows: counters.windows, updates: counters.updates, unanswered: counters.unanswered },
    rss_start_mb: middle(first, 'rssMb'),
    rss_end_mb: middle(last, 'rssMb'),
    rss_slope_mb_per_h: rounded(slope, 1),
    rss_slope_mb_per_h_projected: rounded(slope / pace, 2),
    heap_slope_mb_per_h_projected: rounded(heapSlope / pace, 2),
    ...{ heap_start_mb: middle(first, 'heapMb'), heap_end_mb: middle(last, 'heapMb') },
    ...{ external_start_mb: middle(first, 'externalMb'), external_end_mb: middle(last, 'externalMb') },
    ...{ fds_start: least(first, 'files'), fds_end: least(last, 'files') },
    ...{ handles_start: least(first, 'handles'), handles_end: least(last, 'handles') },
    ...latencyFigures(latencies),
  };
}

/** How what stays rises, in MB an hour. */
function slopeOf(looks: readonly Look[], of: (report: LoadReport) => number): number {
  return theilSen(looks.map(({ hours, report }) => [hours, of(report)] as const));
}

function middle(looks: readonly Look[], key: 'rssMb' | 'heapMb' | 'externalMb'): number {
  return rounded(median(looks.map(({ report }) => report[key])), 1);
}

/** Timers and sockets come and go: what is there at least is what stays. */
function least(looks: readonly Look[], key: 'files' | 'handles'): number {
  return Math.min(...looks.map(({ report }) => report[key]));
}

/** The first third of the periods is for warming up, as with memory. */
function latencyFigures(latencies: readonly Latency[]): Figures {
  const warm = latencies.slice(Math.floor(latencies.length / 3));
  const part = Math.ceil(warm.length / 3);
  const ms = (of: readonly Latency[], key: 'p50' | 'p99'): number =>
    rounded(median(of.map((latency) => latency[key])) / 1000, 2);
  const [first, last] = [warm.slice(0, part), warm.slice(-part)];
  return {
    ...{ p50_start_ms: ms(first, 'p50'), p99_start_ms: ms(first, 'p99') },
    ...{ p50_end_ms: ms(last, 'p50'), p99_end_ms: ms(last, 'p99') },
  };
}
