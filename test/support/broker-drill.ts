/** A broker that is killed and started again and again while a daemon has something to say all the time. */
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../runtime/clock.js';
import { DELIVERY } from '../../runtime/publish/messages/catalog.js';
import { median } from '../bench/bench.js';
import { type Cleanup, withCleanup } from './cleanup.js';
import type { LoadReport } from './load-daemon.js';
import { LoadedDaemon } from './loaded-daemon.js';
import { Mosquitto } from './mosquitto.js';
import { MqttSpy, type Seen } from './mqtt-spy.js';
import { type Figures, rounded } from './promises.js';

export interface BrokerTerms {
  readonly kills: number;
  /** How long the broker is away, in turn. */
  readonly awayMs: readonly number[];
  /** How long it then stays after its first result. */
  readonly upMs: number;
  /** How long the daemon runs before the first kill. */
  readonly warmMs: number;
  readonly progress?: (line: string) => void;
}

/** Two fingers that are touched without a pause: some hundred answers a second. */
const names = ['finger0', 'finger1'];
const base = 'tactile/v1/drill';

function configuration(url: string): object {
  return {
    configVersion: 2,
    edge: { id: 'drill' },
    log: { level: 'error' },
    mqtt: { url },
    sensors: Object.fromEntries(
      names.map((name, i) => [name, { transport: { kind: 'simulator', seed: i + 1, speed: 5 } }]),
    ),
    pipelines: Object.fromEntries(
      names.map((name) => [
        name,
        { sensors: [name], model: 'demo', window: { kind: 'sliding', hopMs: 500, emitEmpty: true } },
      ]),
    ),
  };
}

/** Resolves to what became of it; `stale` and `wrong_status` count messages, and late joiners that were not told. */
export function brokerDrill(terms: BrokerTerms): Promise<Figures> {
  return withCleanup((cleanup) => drill(terms, cleanup));
}

async function drill(
  { kills, awayMs, upMs, warmMs, progress }: BrokerTerms,
  cleanup: Cleanup,
): Promise<Figures> {
  const broker = await Mosquitto.start(cleanup);
  const listen = (): Promise<MqttSpy> =>
    MqttSpy.connect(cleanup, broker.url, `${base}/#`, { protocolVersion: 5 });
  let robot = await listen();
  const daemon = await LoadedDaemon.start(configuration(broker.url), cleanup);
  const session = String((await robot.status('ready')).json['session']);
  await robot.next(isResult, 'the first result');
  await pause(warmMs);
  const reports = [await daemon.report()];
  const backMs: number[] = [];
  let results = 0;
  let stale = 0;
  let wrong = 0;
  for (let kill = 0; kill < kills; kill++) {
    await broker.kill();
    await robot.end();
    await pause(awayMs[kill % awayMs.length]);
    const startedUs = systemClock.nowUs();
    await broker.restart();
    const backUs = systemClock.nowUs();
    robot = await listen();
    const first = await robot.next(isResult, 'a result');
    backMs.push((first.atUs - backUs) / 1000);
    if (!(await isTold(await listen(), 'ready', session))) wrong++;
    await pause(upMs);
    results += robot.seen.filter(isResult).length;
    stale += robot.seen.filter((message) => isStale(message, startedUs)).length;
    wrong += robot.seen.filter((message) => isStatus(message) && !says(message, 'ready', session)).length;
    reports.push(await daemon.report());
    progress?.(
      `${kill + 1} of ${kills} kills, back after ${backMs.at(-1)!.toFixed(0)} ms, ${reports.at(-1)!.rssMb.toFixed(0)} MB`,
    );
  }
  robot.forget();
  await daemon.kill();
  for (const listener of [robot, await listen()]) if (!(await isTold(listener, 'lost', session))) wrong++;
  return {
    ...{ kills, results, stale, wrong_status: wrong },
    worst_back_ms: rounded(Math.max(...backMs)),
    p50_back_ms: rounded(median(backMs)),
    ...growth(reports),
  };
}

/** Memory swings with the collections of garbage: the least of each half is compared. */
function growth(reports: readonly LoadReport[]): Figures {
  const half = reports.length >> 1;
  const least = (part: readonly LoadReport[]): number => Math.min(...part.map(({ rssMb }) => rssMb));
  const [before, after] = [least(reports.slice(0, half)), least(reports.slice(-half))];
  return {
    rss_mb: rounded(after),
    rss_growth_pct: rounded(100 * (after / before - 1), 1),
    files_grown: reports.at(-1)!.files - reports[0]!.files,
  };
}

function isResult({ topic }: Seen): boolean {
  return topic.endsWith('/result');
}

function isStatus({ topic }: Seen): boolean {
  return topic === `${base}/status`;
}

function says({ json }: Seen, status: string, session: string): boolean {
  return json['status'] === status && json['session'] === session;
}

/** Whether the first status that a listener hears, within a second, is this one. */
async function isTold(listener: MqttSpy, status: string, session: string): Promise<boolean> {
  const message = await listener.next(isStatus, `status ${status}`, 1000).catch(() => undefined);
  return message !== undefined && says(message, status, session);
}

/**
 * Whether a message should not have come any more. A result is for the moment: one from before the broker was started is
 * stale. A decision and the retained state may be from before it, but must not arrive later than they expire; MQTT counts
 * whole seconds, so one more is allowed.
 */
function isStale({ topic, json, atUs }: Seen, brokerStartedUs: number): boolean {
  const kind = topic.split('/').at(-1);
  if (kind !== 'result' && kind !== 'decision' && kind !== 'state') return false;
  const madeUs = Number((json['t'] as Record<string, number>)['decision_us']);
  if (kind === 'result') return madeUs < brokerStartedUs;
  return atUs - madeUs > (DELIVERY[kind].expiryS! + 1) * 1e6;
}
