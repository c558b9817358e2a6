import assert from 'node:assert/strict';
import { type Model, readModelFile } from '../../models/index.js';
import type { Inference, WindowJob } from '../../runtime/inference/index.js';
import { encodeAnswer } from '../../runtime/scale/messages.js';
import { RemoteService, type RemoteServiceOptions } from '../../runtime/scale/remote-service.js';
import { FakeClock } from './clock.js';
import { type FakeLink, fakeLinks } from './fake-link.js';
import { recordingLog } from './log.js';
import { settled } from './scripted-worker.js';

export const session = '0badcafe';

/** An inference of a network of three classes, whose output spikes are all of one class. */
export function inferenceOf(classId: number): Omit<Inference, 'decision'> {
  const counts = [0, 1, 2].map((id) => (id === classId ? 1 : 0));
  return {
    counts: { time: Uint32Array.from(counts), location: Uint32Array.from(counts) },
    spikes: {
      ...{ input: 99, hidden: 7, output: 2, synapticOps: 30 },
      energy: { synapticPj: 27, totalPj: 64 },
    },
    durations: { encodeUs: 1, inferUs: 20, postUs: 3 },
  };
}

/** A gateway's service on a clock driven by the test; the test plays the broker and the workers. */
export class RemoteBench {
  readonly clock = new FakeClock();
  readonly links: FakeLink[];
  readonly service: RemoteService;
  readonly lines;
  /** Ends of windows, in the order in which they were dealt with. */
  readonly ends: string[] = [];
  faultsTold = 0;
  model!: Model;
  handle = 0;

  constructor(options: Partial<RemoteServiceOptions> = {}) {
    const { log, lines } = recordingLog();
    const { open, links } = fakeLinks();
    this.links = links;
    this.lines = lines;
    this.service = new RemoteService({
      ...{ session, clock: this.clock, log, open, random: () => 0, edge: 'e1', baseTopic: 'tactile' },
      target: { url: 'mqtt://broker:1883', keepaliveS: 10, rejectUnauthorized: true },
      reconnect: { minMs: 100, maxMs: 100 },
      ...{ retryMs: 500, attempts: 3, inFlight: 2 },
      onFaults: () => this.faultsTold++,
      ...options,
    });
  }

  /** Starts it, lets the broker in, and loads the model of this file, for which there is a worker `a`. */
  static async withWorker(path: string, options: Partial<RemoteServiceOptions> = {}): Promise<RemoteBench> {
    const bench = new RemoteBench(options);
    bench.model = await readModelFile(path);
    bench.service.start();
    bench.link.accept();
    bench.come('a');
    const loaded = await bench.service.load({ path, engine: { name: 'event' } });
    assert.ok(loaded.ok);
    bench.handle = loaded.handle;
    return bench;
  }

  get link(): FakeLink {
    return this.links.at(-1)!;
  }

  get windowTopic(): string {
    return `tactile/v1/e1/work/${this.model.sha256.slice(0, 16)}/window`;
  }

  /** A worker says that it has the model. */
  come(worker: string, medianUs = 900): void {
    const { sha256 } = this.model;
    const times = { median_us: medianUs, longest_us: 1500 };
    const models = [{ sha256, engine: 'gpu', mode: 'webgpu', verified: 8, ...times }];
    this.say(worker, JSON.stringify({ v: 1, models }));
  }

  /** A worker has gone. */
  go(worker: string): void {
    this.say(worker, '');
  }

  say(worker: string, text: string): void {
    this.link.deliver({
      topic: `tactile/v1/work/worker/${worker}`,
      payload: Buffer.from(text),
      retain: true,
    });
  }

  /** A window that notes what becomes of it. */
  job(name: string): WindowJob {
    return {
      handle: this.handle,
      run: async (worker) => {
        const outcome = await worker.infer(this.handle, Uint32Array.of(1, 5));
        return () => this.ends.push(`${name} ${outcome.ok ? outcome.value.decision.label : outcome.reason}`);
      },
      dropped: (reason) => this.ends.push(`${name} dropped: ${reason}`),
    };
  }

  /** Correlation of each window that was sent on the connection of now, the repeated ones too. */
  get sent(): string[] {
    return this.link.sent
      .filter(({ topic }) => topic === this.windowTopic)
      .map(({ correlation }) => String(correlation));
  }

  /** Answers a window. */
  async answer(
    sequence: number,
    payload: Uint8Array = encodeAnswer('a', inferenceOf(sequence % 3)),
    of = session,
  ): Promise<void> {
    const correlation = Buffer.from(`${of}:${sequence}`);
    this.link.deliver({ topic: 'tactile/v1/e1/work/answer', payload, correlation });
    await settled();
  }
}
