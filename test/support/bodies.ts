import {
  type Answer,
  type Bodies,
  decisionBody,
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
    flags: ['revised'],
  },
  decision: { ...decision, prev_label: 'stable', flags: ['revised'] },
  state: decision,
  model: {
    pipeline: 'slip',
    active: model,
    previous: { ...model, version: '6' },
    candidate: null,
    shadow: null,
  },
};
