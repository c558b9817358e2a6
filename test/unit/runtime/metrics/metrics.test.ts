import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startMetrics } from '../../../../runtime/metrics/index.js';
import { bodies } from '../../../support/bodies.js';
import { recordingLog } from '../../../support/log.js';
import { resultOf } from '../../../support/results.js';

async function serve(t: TestContext, health = () => bodies.health) {
  const { log, lines } = recordingLog();
  const metrics = await startMetrics({ host: '127.0.0.1', port: 0 }, health, log);
  assert.ok(metrics !== undefined);
  t.after(() => metrics.stop());
  return { metrics, lines };
}

test('a scrape tells health, with units in the names', async (t) => {
  const { metrics } = await serve(t);
  metrics.answered(resultOf());
  const response = await fetch(metrics.url);
  assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n');
  for (const line of [
    'whorl_ready 0',
    'whorl_resident_memory_bytes 98304000',
    'whorl_event_loop_delay_seconds{quantile="0.99"} 0.0012',
    'whorl_mqtt_dropped_offline_total 3',
    'whorl_sensor_online{sensor="finger0"} 1',
    'whorl_sensor_bytes_total{sensor="finger0"} 40000',
    'whorl_sensor_discarded_bytes_total{sensor="finger0",reason="crc"} 2',
    'whorl_sensor_rejected_events_total{sensor="finger0",reason="taxel"} 1',
    'whorl_sensor_clock_bound_seconds{sensor="finger0"} 0.00025',
    'whorl_pipeline_waiting_windows{pipeline="slip"} 1',
    'whorl_pipeline_shed_level{pipeline="slip"} 2',
    'whorl_pipeline_windows_answered_total{pipeline="slip"} 120',
    'whorl_workers_crashes_total 0',
    'whorl_alert{alert="sensor-lost.finger0"} 1',
    'whorl_answer_latency_seconds_bucket{le="0.002",pipeline="touch"} 1',
    'whorl_answer_latency_seconds_sum{pipeline="touch"} 0.001055',
    'whorl_inference_seconds_count{pipeline="touch"} 1',
    '# TYPE whorl_sensor_bytes_total counter',
    '# TYPE whorl_answer_latency_seconds histogram',
  ])
    assert.ok(lines.includes(line), `${line} is missing in\n${lines.join('\n')}`);
});

test('the next scrape has the figures of then: counters are not added up, alerts that are over are gone', async (t) => {
  let health = bodies.health;
  const { metrics } = await serve(t, () => health);
  await (await fetch(metrics.url)).text();
  health = { ...health, alerts: [], mqtt: { ...health.mqtt, counters: { dropped_offline: 5 } } };
  const text = await (await fetch(metrics.url)).text();
  assert.match(text, /^whorl_mqtt_dropped_offline_total 5$/m);
  assert.doesNotMatch(text, /^whorl_alert\{/m);
});

test('nothing but GET /metrics is served', async (t) => {
  const { metrics } = await serve(t);
  assert.equal((await fetch(metrics.url.replace('/metrics', '/'))).status, 404);
  assert.equal((await fetch(metrics.url, { method: 'POST', body: 'x' })).status, 405);
});

test('health that cannot be told is an answer, and ends nothing', async (t) => {
  let broken = true;
  const { metrics } = await serve(t, () => {
    if (broken) throw new Error('not yet');
    return bodies.health;
  });
  assert.equal((await fetch(metrics.url)).status, 500);
  broken = false;
  assert.equal((await fetch(metrics.url)).status, 200);
});

test('a port that is taken is a warning with the key, and no error', async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.after(() => other.close());
  const { port } = other.address() as { port: number };
  const { log, lines } = recordingLog();
  assert.equal(await startMetrics({ host: '127.0.0.1', port }, () => bodies.health, log), undefined);
  assert.match(lines[0]!.message, /metrics\.port/);
});
