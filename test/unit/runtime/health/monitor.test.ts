import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SensorStatus } from '../../../../devices/index.js';
import { SensorCounters } from '../../../../devices/index.js';
import { edgeReport } from '../../../../runtime/edge/state.js';
import { HealthMonitor, type HealthParts } from '../../../../runtime/health/index.js';
import type { MonitorOptions } from '../../../../runtime/health/monitor.js';
import { createPublishCounters } from '../../../../runtime/publish/counters.js';
import type { AlertBody, HealthBody } from '../../../../runtime/publish/index.js';
import { FakeClock } from '../../../support/clock.js';
import { pipelineCounters } from '../../../support/counters.js';
import { configOf } from '../../../support/daemon.js';
import { recordingLog } from '../../../support/log.js';
import { assertBody } from '../../../support/message-schemas.js';
import { loadedModel, resultOf } from '../../../support/results.js';
import { settled } from '../../../support/scripted-worker.js';
import { temporaryFolder } from '../../../support/small-model.js';

const config = configOf({
  sensors: { finger0: { transport: { kind: 'simulator' } } },
  health: { intervalS: 10 },
});

/** A monitor over parts that the test changes, and what it has published. */
async function setUp(change: Partial<HealthParts> = {}, options: Partial<MonitorOptions> = {}) {
  const clock = new FakeClock();
  const { log, lines } = recordingLog();
  const sensorStates = new Map<string, SensorStatus>();
  const become = (state: SensorStatus['state']): void => {
    sensorStates.set('finger0', { state, reason: 'so', identity: undefined, sinceUs: 0 });
  };
  become('online');
  const counters = pipelineCounters({ windows: 2, answered: 1 });
  const pipeline = {
    state: 'running' as const,
    reason: '',
    model: loadedModel,
    counters,
    shedLevel: 3 as const,
    windowCounters: undefined,
  };
  const report = {
    offsetUs: 5,
    skewPpm: 1,
    boundUs: Number.POSITIVE_INFINITY,
    samples: 9,
    source: 'arrival' as const,
  };
  const parts: HealthParts = {
    report: () => edgeReport([], sensorStates),
    inputs: new Map([
      ['finger0', { sensor: { counters: new SensorCounters(), clockSync: { report: () => report } } }],
    ]),
    sensorStates,
    pipelines: new Map([['touch', pipeline]]),
    refused: () => new Map(),
    workers: { workersUp: 1, counters: [{ answered: 3, steps: 0, failed: 0, lost: 0, crashes: 1 }] },
    publisher: { connected: true, backlog: { messages: 2, bytes: 0 }, counters: createPublishCounters() },
    ...change,
  };
  const health: { atS: number; body: HealthBody }[] = [];
  const alerts: string[] = [];
  const monitor = new HealthMonitor({ config, clock, log, ...options });
  await monitor.start(parts, {
    publish: (kind: 'health' | 'alert', body: HealthBody | AlertBody) => {
      if ('id' in body) alerts.push(`+${body.id}`);
      else health.push({ atS: clock.monoUs() / 1e6, body });
      if ('id' in body) assertBody('alert', body);
      else assertBody('health', body);
      return kind !== undefined;
    },
    clearAlert: (id) => alerts.push(`-${id}`),
  });
  return { clock, lines, monitor, health, alerts, become, counters };
}

test('health comes at the start, at the interval, and within a second of a change', async (t) => {
  const { clock, monitor, health, become } = await setUp();
  t.after(() => monitor.stop());
  clock.advance(25_000);
  assert.deepEqual(
    health.map(({ atS }) => atS),
    [0, 10, 20],
  );
  become('silent');
  clock.advance(1000);
  assert.equal(health.at(-1)!.atS, 26);
  assert.equal(health.at(-1)!.body.status, 'degraded');
  assert.deepEqual(health.at(-1)!.body.reasons, ['sensor finger0 is silent: so']);
  clock.advance(3000);
  assert.equal(health.length, 4, 'the same once');
});

test('health tells of sensors, clocks, pipelines, models, workers and the broker', async (t) => {
  const { clock, monitor, health } = await setUp({ refused: () => new Map([['broken', 'no such file']]) });
  t.after(() => monitor.stop());
  clock.advance(10_000);
  const { body } = health.at(-1)!;
  assert.equal(body.uptime_s, 10);
  assert.ok(body.memory.rss_bytes > 1e6);
  assert.deepEqual(body.sensors[0]!.clock, { offset_us: 5, skew_ppm: 1, samples: 9, source: 'arrival' });
  assert.equal(body.sensors[0]!.counters['frames_lost'], 0);
  assert.equal(body.sensors[0]!.counters['discarded_crc'], 0);
  const [touch, broken] = body.pipelines;
  assert.equal(touch!.waiting, 1);
  assert.deepEqual([touch!.shed_level, broken!.shed_level], [3, 0]);
  assert.deepEqual(touch!.model, { id: 'small', version: '3', sha256: '0123456789abcdef', backend: 'cpu' });
  assert.deepEqual([broken!.state, broken!.reason, broken!.model], ['failed', 'no such file', null]);
  assert.equal(body.workers.counters['crashes'], 1);
  assert.equal(body.mqtt.waiting_messages, 2);
  assert.deepEqual(body.alerts, ['model-failed.broken']);
});

test('a step of the wall clock is told within a second: counted, and a warning', async (t) => {
  const { clock, lines, monitor, health } = await setUp();
  t.after(() => monitor.stop());
  clock.advance(1500);
  const before = health.length;
  clock.wallOffsetUs -= 3_600_000_000;
  clock.advance(1000);
  assert.deepEqual(
    health.slice(before).map(({ body }) => body.clock_steps),
    [1],
  );
  const [warning] = lines.filter(({ level }) => level === 'warn');
  assert.deepEqual(warning?.facts, { stepS: -3600 });
  clock.advance(5000);
  assert.equal(health.length, before + 1);
});

test('latencies are those of the period, and begin anew with the next', async (t) => {
  const { clock, monitor, health } = await setUp();
  t.after(() => monitor.stop());
  const { timings } = resultOf();
  for (const totalUs of [1000, 1000, 1000, 9000])
    monitor.answered(resultOf({ timings: { ...timings, totalUs } }));
  clock.advance(20_000);
  const [, first, second] = health.map(({ body }) => body.pipelines[0]!.latency_us);
  assert.deepEqual([first!.count, first!.p50, first!.max > 8900], [4, 1000, true]);
  assert.deepEqual(second, { count: 0, p50: 0, p95: 0, p99: 0, max: 0 });
});

test('alerts of an earlier process are cleared; new ones are told, and taken back at the end', async () => {
  const { clock, lines, monitor, health, alerts, become } = await setUp();
  const possible = [
    'event-loop-late',
    'broker-unstable',
    'store-unusable',
    'sensor-lost.finger0',
    'sensor-losses.finger0',
  ];
  assert.deepEqual(
    alerts.splice(0),
    [...possible, 'model-failed.touch', 'overload.touch'].map((id) => `-${id}`),
  );
  become('absent');
  clock.advance(6000);
  assert.deepEqual(alerts.splice(0), ['+sensor-lost.finger0']);
  assert.deepEqual(health.at(-1)!.body.alerts, ['sensor-lost.finger0']);
  become('online');
  clock.advance(6000);
  assert.deepEqual(alerts.splice(0), ['-sensor-lost.finger0']);
  become('error');
  clock.advance(6000);
  await monitor.stop();
  assert.deepEqual(alerts.splice(0), ['+sensor-lost.finger0', '-sensor-lost.finger0']);
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['warn', 'info', 'warn'],
  );
  assert.equal(clock.waiting, 0);
});

test('a store whose folder is gone is a fault, in health and in the log, until it is back', async (t) => {
  const store = join(temporaryFolder(), 'store');
  mkdirSync(store);
  let changes = 0;
  const { clock, lines, monitor } = await setUp(
    {},
    { config: { ...config, models: { ...config.models, store } }, onFaults: () => changes++ },
  );
  t.after(() => monitor.stop());
  /** Looks until what the disk says has changed the faults; it has real time to answer in. */
  const change = async (): Promise<void> => {
    const before = changes;
    while (changes === before) {
      clock.advance(1000);
      for (let turns = 0; turns < 1000 && changes === before; turns++) await settled();
    }
  };
  assert.deepEqual(monitor.faults, []);
  rmSync(store, { recursive: true });
  await change();
  const [fault] = monitor.faults;
  assert.match(fault!, new RegExp(`^the model store ${store} cannot be used: ENOENT`));
  assert.equal(monitor.health().store_fault, fault);
  mkdirSync(store);
  await change();
  assert.deepEqual(monitor.faults, []);
  assert.equal(monitor.health().store_fault, undefined);
  assert.deepEqual(
    lines
      .filter(({ message }) => /store|models/.test(message))
      .map(({ level, message }) => `${level}: ${message}`),
    ['error: models cannot be changed', 'info: the model store can be used again'],
  );
});

test('it is alive while it looks and windows are answered; a pipeline that is stuck is told of once', async () => {
  const { clock, lines, monitor, counters } = await setUp();
  assert.equal(monitor.isAlive, true);
  clock.advance(149_000);
  assert.equal(monitor.isAlive, true);
  clock.advance(2000);
  assert.equal(monitor.isAlive, false);
  clock.advance(10_000);
  assert.deepEqual(
    lines.map(({ level, facts }) => [level, facts['pipelines']]),
    [['error', ['touch']]],
  );
  counters.answered++;
  clock.advance(1000);
  assert.equal(monitor.isAlive, true);
  await monitor.stop();
  assert.equal(monitor.isAlive, false);
});
