import {
  type Answer,
  type Bodies,
  decisionBody,
  type HealthBody,
  type ModelBody,
  resultBody,
} from '../../runtime/publish/index.js';

const sha256 = '9c1e03b7'.repeat(8);

/** An answer of a three-class network, as a pipeline would hand it over. */
export const answer: Answer = {
  pipeline: 'slip',
  sensors: ['finger0'],
  window: 3127,
  final: false,
  step: 24,
  steps: 60,
  labels: ['stable', 'slip', 'none'],
  scores: [0.07, 0.91, 0.02],
  decided: true,
  t: {
    sensor_first_us: 18_223_310,
    sensor_last_us: 18_334_120,
    event_first_us: 1_784_177_470_554_584,
    event_last_us: 1_784_177_470_665_390,
    decision_us: 1_784_177_470_668_120,
    clock: 'ntp',
  },
  ageUs: 5210.4,
  valid_ms: 500,
  latencyUs: { ingest: 410.4, wait: 900, encode: 120, infer: 1800, post: 60 },
  model: { id: 'hybrid-slip', version: '7', sha256: sha256.slice(0, 8), backend: 'cpu' },
};

const model: NonNullable<ModelBody['active']> = {
  id: 'hybrid-slip',
  version: '7',
  sha256,
  backend: 'cpu',
  labels: ['stable', 'slip', 'none'],
  input: { taxels: 39, channels: 2, bins: 325, bin_us: 20_000 },
  parameters: 17_696,
  equal_shape: { multiply_accumulates: 3_798_912, uj_est: 17.47 },
  min_confidence: 0.5,
  calibrated: false,
  since_us: 1_784_177_470_000_000,
};

const percentiles = { count: 120, p50: 540, p95: 800, p99: 1200, max: 4000 };

const health: HealthBody = {
  status: 'degraded',
  reasons: ['sensor finger0 is absent: no such port'],
  uptime_s: 3601.5,
  period_s: 10,
  memory: { rss_bytes: 98_304_000, heap_bytes: 12_288_000 },
  clock_steps: 1,
  load_1m: 0.42,
  event_loop: percentiles,
  mqtt: {
    ...{ connected: true, waiting_messages: 0, waiting_bytes: 0 },
    counters: { connected: 1, lost: 0, dropped_offline: 3 },
  },
  workers: { up: 1, counters: { answered: 120, crashes: 0 } },
  sensors: [
    {
      sensor: 'finger0',
      status: 'online',
      counters: {
        bytes: 40_000,
        events: 8000,
        frames_lost: 0,
        events_lost: 0,
        discarded_crc: 2,
        rejected_taxel: 1,
      },
      clock: { offset_us: 1.5e15, skew_ppm: -12.5, bound_us: 250, samples: 900, source: 'echo' },
    },
  ],
  pipelines: [
    {
      ...{ pipeline: 'slip', state: 'running', reason: 'none', waiting: 1, shed_level: 2 },
      model: { id: 'hybrid-slip', version: '7', sha256: sha256.slice(0, 16), backend: 'cpu' },
      windows: { windows: 121, answered: 120, dropped: 0 },
      events: { events: 8000, placed: 7900 },
      ...{ latency_us: percentiles, infer_us: percentiles },
    },
  ],
  alerts: ['sensor-lost.finger0'],
};

const result = resultBody(answer, { minScore: 0, compact: false });
const decision = decisionBody(result, { prevLabel: null, reason: 'threshold', validMs: 500 });

/** One message of each kind, optional fields included. */
export const bodies: Bodies = {
  status: { status: 'degraded', reasons: ['pipeline slip has no model'] },
  info: {
    versions: { whorl: '0.1.0', node: '20.11.1', mqtt: '5.16.0' },
    host: { platform: 'linux', arch: 'arm64', boot_id: '0a1b' },
    started_us: 1_784_177_470_000_000,
    config_hash: sha256,
    backend: 'cpu',
    sensors: [{ name: 'finger0', transport: 'serial', codec: 'tef', geometry: 'neutouch-a', taxels: 39 }],
    pipelines: [{ name: 'slip', sensors: ['finger0'], window: 'onset', engine: 'event' }],
    schemas: ['tactile.status/1.0'],
  },
  'sensor-status': {
    sensor: 'finger0',
    status: 'absent',
    reason: 'no such port; plug the sensor in',
    identity: {
      transport: 'serial',
      address: '/dev/ttyACM0',
      vendor_id: '2e8a',
      product_id: '000a',
      taxels: 39,
    },
  },
  result: {
    ...result,
    t: { ...result.t, sensor_offset_err_us: 250, wall_err_us: 1800 },
    spikes: { in: 512, hidden: 1840, synops: 91_200 },
    energy: { synaptic_uj_est: 0.0821, total_uj_est: 4.271 },
    flags: ['revised', 'late'],
  },
  decision: { ...decision, prev_label: 'stable', flags: ['revised'] },
  state: decision,
  heartbeat: {
    ...{ pipeline: 'slip', state: 'overloaded', sensors: { online: 1, of: 1 }, shed: 2 },
    last_result_age_ms: 1204,
  },
  model: {
    pipeline: 'slip',
    active: model,
    previous: { ...model, version: '6' },
    candidate: null,
    shadow: null,
  },
  health,
  alert: {
    id: 'sensor-lost.finger0',
    severity: 'error',
    message: 'sensor finger0 is absent; plug it in',
    since_us: 1_784_177_470_000_000,
  },
  event: {
    ...{ kind: 'swap-failed', pipeline: 'slip', sensor: 'finger0', message: 'the old model serves again' },
    data: { active: { id: 'hybrid-slip', version: '6' } },
  },
  shadow: {
    ...{ pipeline: 'slip', window: 12, label: 'slip', label_id: 1, confidence: 0.8, margin: 0.6 },
    scores: { stable: 0.2, slip: 0.8 },
    model: { id: 'hybrid-slip', version: '8', sha256: sha256.slice(0, 16), backend: 'cpu' },
  },
};
