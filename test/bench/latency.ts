/**
 * From the last byte of a window, written to a serial cable (socat), to the message at a subscriber of a real broker:
 * `whorl run` as its own process, the full hybrid network, recorded touch.
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
import { PtyCable } from '../support/pty.js';
import { WireSensor } from '../support/wire-sensor.js';
import { type Bench, median, percentile, table } from './bench.js';

const parts = ['ingest', 'wait', 'encode', 'infer', 'post', 'total'] as const;

interface Answer {
  readonly window: number;
  readonly latency_us: Record<(typeof parts)[number], number>;
}

export const bench: Bench = {
  name: 'latency',
  about: 'last byte on a serial cable to message at a subscriber of Mosquitto [windows, default 300]',
  async run(args) {
    const model = shared('golden', 'ev-objects-hybrid.safetensors');
    const recordings = shared('data', 'Ev-Objects-train.zip');
    const missing = needs('socat', 'mosquitto') || needsFiles(model, recordings);
    if (missing) throw new Error(`this bench ${missing}`);
    const cleanups: (() => unknown)[] = [];
    try {
      return await measure(Number(args[0] ?? 300), model, await readRecordings(recordings), (undo) =>
        cleanups.push(undo),
      );
    } finally {
      for (const undo of cleanups.reverse()) await undo();
    }
  },
};

async function measure(
  count: number,
  model: string,
  data: Dataset,
  after: (undo: () => unknown) => void,
): Promise<Record<string, number>> {
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
  const daemon = startDaemon(cable.here, broker.url, model, after);
  await robot.ready;
  const readyMs = performance.now() - started;
  await sensor.started;

  const { input } = data;
  const windowUs = input.bins * input.binUs;
  const latencies: number[] = [];
  const breakdown = Object.fromEntries(parts.map((part) => [part, [] as number[]])) as Record<
    (typeof parts)[number],
    number[]
  >;
  for (let k = 0; k < count; k++) {
    await sensor.send(sensor.events(eventsOf(data, k % data.windows.length, k * windowUs)));
    await pause(15); // the window's events are in; what is measured begins with its last byte
    const last = sensor.status((k + 1) * windowUs);
    const answered = robot.answer(k);
    const written = performance.now();
    await sensor.send(last);
    const { at, message } = await answered;
    if (k < 10) continue; // warming up
    latencies.push(at - written);
    for (const part of parts) breakdown[part].push(message.latency_us[part]);
  }

  const [p50, p99, p999] = [50, 99, 99.9].map((p) => percentile(latencies, p)) as [number, number, number];
  const rssMb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))![1]) / 1024;
  console.log(
    `${latencies.length} windows of ${windowUs / 1e6} s, one after the other; daemon ready after ${readyMs.toFixed(0)} ms, ${rssMb.toFixed(0)} MB resident\n`,
  );
  table([
    ['last byte written to message received', 'p50', 'p99', 'p99.9'],
    ['ms', p50.toFixed(2), p99.toFixed(2), p999.toFixed(2)],
  ]);
  console.log();
  table([
    ['latency_us of the message', ...parts],
    ['median us', ...parts.map((part) => median(breakdown[part]).toFixed(0))],
    ['p99 us', ...parts.map((part) => percentile(breakdown[part], 99).toFixed(0))],
  ]);
  return {
    p50_ms: round2(p50),
    p99_ms: round2(p99),
    p999_ms: round2(p999),
    ready_ms: Math.round(readyMs),
    rss_mb: Math.round(rssMb),
  };
}

/** A subscriber that notes when each answer came. */
class Robot {
  readonly #waiting = new Map<number, (found: { at: number; message: Answer }) => void>();
  readonly ready: Promise<void>;

  private constructor(readonly client: MqttClient) {
    this.ready = new Promise((resolve) => {
      client.on('message', (topic, payload) => {
        const at = performance.now();
        const message = JSON.parse(payload.toString());
        if (topic.endsWith('/status') && message.status === 'ready') resolve();
        if (!topic.endsWith('/result')) return;
        this.#waiting.get(message.window)?.({ at, message });
        this.#waiting.delete(message.window);
      });
    });
  }

  static async connect(url: string): Promise<Robot> {
    const client = connect(url);
    const robot = new Robot(client);
    await client.subscribeAsync('tactile/v1/bench/#', { qos: 0 });
    return robot;
  }

  answer(window: number): Promise<{ at: number; message: Answer }> {
    return new Promise((resolve) => this.#waiting.set(window, resolve));
  }
}

function startDaemon(
  port: string,
  broker: string,
  model: string,
  after: (undo: () => unknown) => void,
): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), 'whorl-bench-'));
  after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'whorl.yaml');
  writeFileSync(
    config,
    `configVersion: 1
edge: { id: bench }
mqtt: { url: "${broker}" }
log: { level: warn }
sensors: { finger0: { transport: { kind: serial, path: ${port} }, geometry: neutouch-b } }
pipelines: { touch: { sensors: [finger0], model: ${model}, window: { kind: sliding, hopMs: 5000 } } }
`,
  );
  const child = spawn(process.execPath, [whorl, 'run', '--config', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  after(() => child.kill('SIGKILL'));
  return child;
}

/** A recorded window as events, one a cell, in the middle of its bin. */
function eventsOf({ input, windows }: Dataset, index: number, startUs: number): EventBatch {
  const { cells } = windows[index]!;
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
