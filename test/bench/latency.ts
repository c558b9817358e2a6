/**
 * From the last byte of a window, or of a bin, written to a serial cable (socat), to the message at a subscriber of a
 * real broker: `whorl run` as its own process, the full hybrid network, recorded touch.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { createEventBatch, type EventBatch } from '../../devices/index.js';
import { type Dataset, readRecordings } from '../../models/index.js';
import { Mosquitto } from '../support/mosquitto.js';
import { needsFiles, shared, whorl } from '../support/paths.js';
import { needs } from '../support/programs.js';
import { positive } from '../support/promises.js';
import { PtyCable } from '../support/pty.js';
import { WireSensor } from '../support/wire-sensor.js';
import { type Bench, median, percentile, table } from './bench.js';

const parts = ['ingest', 'wait', 'encode', 'infer', 'post', 'total'] as const;

interface Answer {
  readonly window: number;
  readonly step: number;
  readonly final: boolean;
  readonly latency_us: Record<(typeof parts)[number], number>;
}

interface Arrival {
  readonly at: number;
  readonly message: Answer;
}

type After = (undo: () => unknown) => void;

export const bench: Bench = {
  name: 'latency',
  about:
    'last byte on a serial cable to message at a subscriber of Mosquitto, of windows and of bins [windows, default 300]',
  async run(args) {
    const model = shared('golden', 'ev-objects-hybrid.safetensors');
    const recordings = shared('data', 'Ev-Objects-train.zip');
    const missing = needs('socat', 'mosquitto') || needsFiles(model, recordings);
    if (missing) throw new Error(`this bench ${missing}`);
    const data = await readRecordings(recordings);
    const windows = positive('windows', args[0] ?? '300');
    const figures: Record<string, number> = {};
    for (const measure of [wholeWindows, bins]) {
      const cleanups: (() => unknown)[] = [];
      try {
        Object.assign(figures, await measure(windows, model, data, (undo) => cleanups.push(undo)));
      } finally {
        for (const undo of cleanups.reverse()) await undo();
      }
    }
    return figures;
  },
};

/** A daemon between a sensor and a robot. */
interface Edge {
  readonly sensor: WireSensor;
  readonly robot: Robot;
  readonly readyMs: number;
  rssMb(): number;
}

async function startEdge(model: string, anytime: string, after: After): Promise<Edge> {
  const cable = new PtyCable();
  await cable.plug();
  after(() => cable.remove());
  const broker = await Mosquitto.start({ after } as unknown as TestContext, {
    lines: ['set_tcp_nodelay true'],
  });
  const robot = await Robot.connect(broker.url);
  after(() => robot.client.end(true));
  const sensor = new WireSensor(cable.there);
  await sensor.open();
  after(() => sensor.close());
  const started = performance.now();
  const daemon = startDaemon(cable.here, broker.url, model, anytime, after);
  await robot.ready;
  const readyMs = performance.now() - started;
  await sensor.started;
  const rssMb = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))![1]) / 1024;
  return { sensor, robot, readyMs, rssMb };
}

/** Windows are answered when they are whole. */
async function wholeWindows(
  count: number,
  model: string,
  data: Dataset,
  after: After,
): Promise<Record<string, number>> {
  const { sensor, robot, readyMs, rssMb } = await startEdge(model, '{ everyBins: 0 }', after);
  const { input } = data;
  const windowUs = input.bins * input.binUs;
  const seen: Arrival[] = [];
  const latencies: number[] = [];
  for (let k = 0; k < count; k++) {
    const events = eventsOf(data, k % data.windows.length, 0, input.bins, k * windowUs);
    await sensor.send(sensor.events(events));
    await pause(15); // the window's events are in; what is measured begins with its last byte
    const answered = robot.answer(k, input.bins);
    const written = performance.now();
    await sensor.send(sensor.status((k + 1) * windowUs));
    const arrival = await answered;
    if (k < 10) continue; // warming up
    latencies.push(arrival.at - written);
    seen.push(arrival);
  }
  console.log(
    `${latencies.length} windows of ${windowUs / 1e6} s, answered when whole; daemon ready after ${readyMs.toFixed(0)} ms, ${rssMb().toFixed(0)} MB resident\n`,
  );
  report(latencies, seen);
  return {
    p50_ms: round2(percentile(latencies, 50)),
    p99_ms: round2(percentile(latencies, 99)),
    p999_ms: round2(percentile(latencies, 99.9)),
    ready_ms: Math.round(readyMs),
    rss_mb: Math.round(rssMb()),
  };
}

/** Every bin is answered; the last one of a window with the window. */
async function bins(
  windows: number,
  model: string,
  data: Dataset,
  after: After,
): Promise<Record<string, number>> {
  const { sensor, robot, readyMs, rssMb } = await startEdge(model, '{ everyBins: 1 }', after);
  const { input } = data;
  const seen: Arrival[] = [];
  const latencies: number[] = [];
  for (let k = 0; k < Math.max(2, Math.ceil(windows / 75)); k++) {
    const startUs = k * input.bins * input.binUs;
    const firstBin = data.windows[k]!.cells[0]! / (input.taxels * input.channels);
    for (let bin = 0; bin < input.bins; bin++) {
      const events = eventsOf(data, k, bin, bin + 1, startUs);
      if (events.length > 0) await sensor.send(sensor.events(events));
      await pause(5); // a bin lasts 20 ms; what is measured begins with its last byte
      const last = sensor.status(startUs + (bin + 1) * input.binUs);
      const isTold = bin >= Math.floor(firstBin); // there is no window before the first touch
      const answered = isTold ? robot.answer(k, bin + 1) : undefined;
      const written = performance.now();
      await sensor.send(last);
      if (answered === undefined) continue;
      const arrival = await answered;
      if (k === 0 && bin < 100) continue; // warming up
      latencies.push(arrival.at - written);
      seen.push(arrival);
    }
  }
  console.log(
    `\n${latencies.length} bins of ${input.binUs / 1e3} ms, each answered; daemon ready after ${readyMs.toFixed(0)} ms, ${rssMb().toFixed(0)} MB resident\n`,
  );
  report(latencies, seen);
  return {
    stream_p50_ms: round2(percentile(latencies, 50)),
    stream_p99_ms: round2(percentile(latencies, 99)),
    stream_rss_mb: Math.round(rssMb()),
  };
}

function report(latencies: readonly number[], seen: readonly Arrival[]): void {
  const at = (p: number): string => percentile(latencies, p).toFixed(2);
  table([
    ['last byte written to message received', 'p50', 'p99', 'p99.9'],
    ['ms', at(50), at(99), at(99.9)],
  ]);
  console.log();
  const of = (part: (typeof parts)[number]): number[] => seen.map(({ message }) => message.latency_us[part]);
  table([
    ['latency_us of the message', ...parts],
    ['median us', ...parts.map((part) => median(of(part)).toFixed(0))],
    ['p99 us', ...parts.map((part) => percentile(of(part), 99).toFixed(0))],
  ]);
}

/** A subscriber that notes when each answer came. */
class Robot {
  readonly #waiting = new Map<string, (found: Arrival) => void>();
  readonly ready: Promise<void>;

  private constructor(readonly client: MqttClient) {
    this.ready = new Promise((resolve) => {
      client.on('message', (topic, payload) => {
        const at = performance.now();
        if (payload.length === 0) return; // an alert that is over
        const message = JSON.parse(payload.toString());
        if (topic.endsWith('/status') && message.status === 'ready') resolve();
        if (!topic.endsWith('/result')) return;
        const place = `${message.window}-${message.step}`;
        this.#waiting.get(place)?.({ at, message });
        this.#waiting.delete(place);
      });
    });
  }

  static async connect(url: string): Promise<Robot> {
    const client = connect(url);
    const robot = new Robot(client);
    await client.subscribeAsync('tactile/v1/bench/#', { qos: 0 });
    return robot;
  }

  answer(window: number, step: number): Promise<Arrival> {
    return new Promise((resolve) => this.#waiting.set(`${window}-${step}`, resolve));
  }
}

function startDaemon(
  port: string,
  broker: string,
  model: string,
  anytime: string,
  after: After,
): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), 'whorl-bench-'));
  after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'whorl.yaml');
  writeFileSync(
    config,
    `configVersion: 2
edge: { id: bench }
mqtt: { url: "${broker}" }
log: { level: warn }
sensors: { finger0: { transport: { kind: serial, path: ${port} }, geometry: neutouch-b } }
pipelines:
  touch: { sensors: [finger0], model: ${model}, window: { kind: sliding, hopMs: 5000 }, anytime: ${anytime} }
`,
  );
  const child = spawn(process.execPath, [whorl, 'run', '--config', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  after(() => child.kill('SIGKILL'));
  return child;
}

/** Bins `from` to `to` of a recorded window as events, one a cell, in the middle of its bin. */
function eventsOf(
  { input, windows }: Dataset,
  index: number,
  from: number,
  to: number,
  startUs: number,
): EventBatch {
  const width = input.taxels * input.channels;
  const cells = windows[index]!.cells.filter((cell) => cell >= from * width && cell < to * width);
  const batch = createEventBatch(cells.length);
  batch.length = cells.length;
  for (const [i, cell] of cells.entries()) {
    const site = Math.floor(cell / input.channels);
    batch.tUs[i] = startUs + (Math.floor(site / input.taxels) + 0.5) * input.binUs;
    batch.taxel[i] = site % input.taxels;
    batch.polarity[i] = cell % input.channels === 0 ? 1 : 0;
  }
  return batch;
}

function round2(value: number): number {
  return Number(value.toFixed(2));
}
