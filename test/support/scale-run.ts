/** A gateway and two workers on a real broker, one of them killed in the midst of it; compared with an ordinary run. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HealthBody, ResultBody } from '../../runtime/publish/index.js';
import { decodeAnswer } from '../../runtime/scale/messages.js';
import { contactsOf, writeCapture } from './capture.js';
import { type Cleanup, withCleanup } from './cleanup.js';
import { Command } from './command.js';
import { configOf, makeDaemon } from './daemon.js';
import { Mosquitto } from './mosquitto.js';
import { MqttSpy, type Seen } from './mqtt-spy.js';

export interface ScaleTerms {
  /** Contacts of the recording that is classified. */
  readonly contacts: number;
  /** 1 is the pace of the recording, 0 as fast as possible. */
  readonly speed: number;
  /** A worker is killed when this part of the windows has been answered. */
  readonly killAt: number;
  /** How: killed (default), or halted, so that it keeps its connection and what it has taken until the broker gives it up. */
  readonly signal?: 'SIGKILL' | 'SIGSTOP';
}

/** Times of answers, in milliseconds. */
function percentile(results: readonly ResultBody[], part: number): number {
  const sorted = results.map(({ latency_us }) => latency_us.total).sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]! / 10) / 100;
}

/** Runs it to its end; resolves to figures, and to what was published on the topic of results. */
export function scaleRun(
  terms: ScaleTerms,
): Promise<{ readonly figures: Record<string, number>; readonly results: readonly ResultBody[] }> {
  return withCleanup((cleanup) => run(terms, cleanup));
}

async function run({ contacts, speed, killAt, signal = 'SIGKILL' }: ScaleTerms, t: Cleanup) {
  const folder = mkdtempSync(join(tmpdir(), 'whorl-scale-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const capture = join(folder, 'touch.capture');
  await writeCapture(capture, contactsOf(11, contacts), { chunkUs: 10_000 });
  const expected = await ordinaryRun(t, sections(capture, 0));
  const broker = await Mosquitto.start(t, { lines: ['set_tcp_nodelay true'] });
  const file = join(folder, 'whorl.yaml');
  const config = { mqtt: { url: broker.url }, edge: { id: 'gw' }, health: { intervalS: 1 } };
  writeFileSync(file, JSON.stringify({ ...config, ...sections(capture, speed) }));

  const robot = await MqttSpy.connect(t, broker.url, 'tactile/v1/gw/#', { protocolVersion: 5 });
  const workers = ['a', 'b'].map((id) => new Command(t, ['worker', '--config', file, '--id', id]));
  await Promise.all(workers.map((worker) => worker.line(/ready for windows/)));
  const gateway = new Command(t, ['gateway', '--config', file]);

  const results: ResultBody[] = [];
  const killAfter = Math.floor(expected.length * killAt);
  let before = 0;
  robot.client.on('message', (topic, payload) => {
    if (!topic.endsWith('/result')) return;
    results.push(JSON.parse(payload.toString()) as ResultBody);
    if (results.length !== killAfter) return;
    workers[0]!.kill(signal);
    before = results.length;
  });
  const health = await robot.next((message) => isSettled(message, expected.length), 'the end', 600_000);
  workers[0]!.kill('SIGKILL');
  assert.equal((await workers[0]!.finished).code, null);
  for (const process of [gateway, workers[1]!]) {
    process.kill('SIGTERM');
    assert.equal((await process.finished).code, 0);
  }
  const { counters } = (health.json as unknown as HealthBody).workers;
  return {
    results,
    figures: {
      windows: expected.length,
      answered: results.length,
      lost: counters['lost']!,
      resent: counters['resent']!,
      duplicates_dropped: counters['duplicates']!,
      gaps: gaps(results),
      wrong: results.filter(({ window, label }) => expected[window] !== label).length,
      before_p50_ms: percentile(results.slice(0, before), 0.5),
      before_p99_ms: percentile(results.slice(0, before), 0.99),
      after_p50_ms: percentile(results.slice(before), 0.5),
      after_p99_ms: percentile(results.slice(before), 0.99),
      ...shares(robot.seen),
    },
  };
}

function sections(capture: string, speed: number) {
  return {
    sensors: { finger0: { transport: { kind: 'replay', file: capture, speed } } },
    pipelines: {
      touch: {
        ...{ sensors: ['finger0'], model: 'demo', window: { kind: 'sliding', hopMs: 20 } },
        anytime: { everyBins: 0 },
      },
    },
  };
}

/** Labels that the daemon with its own networks gives, by window. */
async function ordinaryRun(t: Cleanup, parts: object): Promise<string[]> {
  const { daemon, results } = makeDaemon(t, configOf({ ...parts }), { anyPort: true });
  await daemon.start();
  await daemon.inputs.get('finger0')!.sensor.ended;
  await daemon.drained();
  await daemon.stop();
  return results.map(({ body }) => body.label);
}

function isSettled({ topic, json }: Seen, windows: number): boolean {
  if (!topic.endsWith('/health')) return false;
  const { workers } = json as unknown as HealthBody;
  return (workers.counters['answered'] ?? 0) + (workers.counters['lost'] ?? 0) >= windows;
}

/** Places at which the window, or the number of the message, is not the one after that before. */
function gaps(results: readonly ResultBody[]): number {
  const numbered = results as readonly (ResultBody & { readonly seq: number })[];
  return numbered.filter(({ window, seq }, i) => {
    const before = numbered[i - 1] ?? { window: -1, seq: -1 };
    return window !== before.window + 1 || seq !== before.seq + 1;
  }).length;
}

/** Windows that each worker was the first to answer. */
function shares(seen: readonly Seen[]): Record<string, number> {
  const first = new Map<string, string>();
  for (const { topic, packet } of seen) {
    if (!topic.endsWith('/work/answer')) continue;
    const window = String(packet.properties?.correlationData);
    if (!first.has(window)) first.set(window, decodeAnswer(packet.payload as Buffer).worker);
  }
  const by = (worker: string): number => [...first.values()].filter((one) => one === worker).length;
  return { by_killed: by('a'), by_other: by('b') };
}
