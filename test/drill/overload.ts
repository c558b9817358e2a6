import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { acceptedTransport } from '../../devices/index.js';
import { Daemon } from '../../runtime/daemon.js';
import { InferenceService, type Pipeline } from '../../runtime/inference/index.js';
import { threadWorkerOf } from '../../runtime/inference/worker-port.js';
import { type Cleanup, withCleanup } from '../support/cleanup.js';
import { configOf } from '../support/daemon.js';
import { recordingLog } from '../support/log.js';
import { MemorySensor } from '../support/memory-sensor.js';
import type { Program } from '../support/menu.js';
import { OverloadLedger } from '../support/overload-ledger.js';
import {
  overloadDeadlineMs,
  overloadHopMs,
  overloadInput,
  overloadQueue,
  touches,
} from '../support/overload-terms.js';
import { positive } from '../support/promises.js';
import { smallModelFile, smallNetwork } from '../support/small-model.js';

const slowWorker = threadWorkerOf(new URL('../support/slow-worker.js', import.meta.url));
/** What a busy machine may add to the age of an answer. */
const slackMs = 500;
/** Longer than all levels take to be lowered. */
const mostSecondsToReady = 120;

export const drill: Program = {
  name: 'overload',
  about:
    'touch comes faster than a slow model answers: what is left out, counted, told [seconds, default 20]',
  async run([seconds = '20']) {
    const loadS = positive('seconds', seconds);
    const figures = await withCleanup((cleanup) => overload(loadS, cleanup));
    console.log('trials, updates and windows were left out in this order, and each was counted');
    return figures;
  },
};

async function overload(loadS: number, cleanup: Cleanup): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'whorl-drill-'));
  cleanup.after(() => rmSync(folder, { recursive: true }));
  const finger = new Finger();
  const port = await finger.listen(cleanup);
  const ledger = new OverloadLedger();
  let isDegraded = false;
  const model = await smallModelFile(folder, smallNetwork(1, overloadInput));
  const daemon = new Daemon({
    ...{ config: configuration(folder, port, model), secrets: {}, log: recordingLog().log },
    service: ({ clock }) => new InferenceService({ clock, spawn: slowWorker }),
    observer: {
      result: ({ age_us }, { late }) => ledger.result(true, late, age_us / 1000),
      update: ({ age_us }, { late }) => ledger.result(false, late, age_us / 1000),
      edge: ({ status }) => {
        isDegraded = status === 'degraded';
        console.error(`overload: ${status} after ${Math.round(finger.seconds)} s`);
      },
    },
  });
  cleanup.after(() => daemon.stop());
  await daemon.start();
  const pipeline = daemon.pipelines.get('slip')!;
  await putOnTrial(pipeline, model);
  await finger.started;
  const rss: number[] = [];
  const pass = async (mostS: number, heavy: boolean): Promise<void> => {
    const endS = finger.seconds + mostS;
    while (finger.seconds < endS && !(ledger.isOver && !heavy)) {
      await finger.touch(heavy);
      ledger.look(finger.seconds, pipeline.counters, isDegraded);
      if (heavy) rss.push(process.memoryUsage.rss());
    }
  };
  await pass(3, false);
  ledger.begins(finger.seconds);
  await pass(loadS, true);
  ledger.ends(finger.seconds);
  await pass(mostSecondsToReady, false);
  await daemon.drained();
  return { ...ledger.figures(pipeline.counters, slackMs), rss_growth_pct: growthPct(rss) };
}

/** A finger at the end of a network cable that is touched in pieces of 10 ms. */
class Finger {
  readonly #sensor = new MemorySensor(overloadInput.taxels);
  readonly #beganMs = performance.now();
  #piece = 0;

  get started(): Promise<void> {
    return this.#sensor.started;
  }

  /** On the clock of the finger. */
  get seconds(): number {
    return this.#piece / 100;
  }

  async listen({ after }: Cleanup): Promise<number> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      this.#sensor.serve(acceptedTransport(socket));
    });
    after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** The next piece, when its time has come. */
  async touch(heavy: boolean): Promise<void> {
    const atMs = 10 * this.#piece++;
    await pause(Math.max(0, this.#beganMs + atMs - performance.now()));
    if (touches(atMs, heavy)) await this.#sensor.events([[1000 * atMs, 0, 1]]);
    else await this.#sensor.clock(1000 * atMs);
  }
}

function configuration(folder: string, port: number, model: string) {
  const geometry = join(folder, 'three.json');
  writeFileSync(geometry, '{"id": "three", "taxels": [{"p": [0, 0]}, {"p": [1, 0]}, {"p": [0, 1]}]}');
  return configOf({
    sensors: { finger: { transport: { kind: 'tcp', host: '127.0.0.1', port }, geometry } },
    pipelines: {
      slip: {
        ...{ sensors: ['finger'], model, window: { kind: 'sliding', hopMs: overloadHopMs } },
        ...{ queueLimit: overloadQueue, deadlineMs: overloadDeadlineMs },
      },
    },
  });
}

async function putOnTrial(pipeline: Pipeline, path: string): Promise<void> {
  const trial = await pipeline.prepare({ path, engine: { name: 'event' } }, 10_000);
  if (!trial.ok) throw new Error(trial.reason);
  await pipeline.try(trial.prepared);
}

/** From the median of the first third to that of the last. */
function growthPct(values: readonly number[]): number {
  const third = Math.ceil(values.length / 3);
  const median = (part: readonly number[]): number => [...part].sort((a, b) => a - b)[part.length >> 1]!;
  return Math.round(1000 * (median(values.slice(-third)) / median(values.slice(0, third)) - 1)) / 10;
}
