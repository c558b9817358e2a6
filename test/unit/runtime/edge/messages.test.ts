import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { neutouchB } from '../../../../devices/index.js';
import { type Config, configHash, loadConfig } from '../../../../runtime/config/index.js';
import { Answers, type AnswersOptions } from '../../../../runtime/edge/answers.js';
import { infoBody } from '../../../../runtime/edge/info.js';
import { modelBody } from '../../../../runtime/edge/models/roles.js';
import { Settings } from '../../../../runtime/edge/settings.js';
import type { Bodies, Kind } from '../../../../runtime/publish/index.js';
import type { SensorPlan } from '../../../../runtime/sensors.js';
import { assertBody } from '../../../support/message-schemas.js';
import { loadedModel, resultOf } from '../../../support/results.js';
import { configOfSensors } from '../../../support/sensor-config.js';

/** Host time minus device time, in the tests of one sensor. */
const offsetUs = 1_784_177_000_000_000;
const nowUs = offsetUs + 9_005_000;

function configOf(pipeline: object = {}, publish: object = {}): Config {
  const overrides = Object.entries({
    sensors: { finger0: { transport: { kind: 'simulator' } } },
    pipelines: { touch: { sensors: ['finger0'], model: 'demo', validMs: 300, ...pipeline } },
    publish,
  }).map(([key, value]) => ({ path: [key], value, source: 'test' }));
  const result = loadConfig({ overrides });
  assert.ok('config' in result, JSON.stringify(result));
  return result.config;
}

/** Answers that keep what they publish; each message must hold its schema. */
function setUp(change: Partial<AnswersOptions> = {}, config = configOf()) {
  const published: { kind: Kind; body: Bodies[Kind] }[] = [];
  const told: string[] = [];
  const answers = new Answers({
    pipeline: 'touch',
    settings: new Settings(config),
    publisher: {
      publish: (kind, body) => {
        assertBody(kind, body);
        return published.push({ kind, body }) > 0;
      },
    },
    nowUs: () => nowUs,
    ...{ sensorNowUs: () => nowUs, isRecorded: false },
    sensorTime: { toHostUs: (us) => us + offsetUs, boundUs: () => 250.4 },
    onResult: ({ label }) => told.push(label),
    ...change,
  });
  const last = <K extends Kind>(kind: K): Bodies[K] =>
    published.findLast((message) => message.kind === kind)?.body as Bodies[K];
  return { answers, published, told, last };
}

describe('a result', () => {
  test('says what, of which window, by which model, and how long it took', () => {
    const { answers, last, told } = setUp();
    answers.publish(resultOf({ index: 4 }));
    const { t: _, ...result } = last('result');
    assert.deepEqual(result, {
      ...{ pipeline: 'touch', sensors: ['finger0'], window: 4, final: true, step: 50, steps: 50 },
      ...{ label: 'press', label_id: 0, confidence: 0.9, margin: 0.82, decided: true },
      scores: { press: 0.9, slip: 0.08, none: 0.02 },
      ...{ age_us: 5000, valid_ms: 300 },
      latency_us: { ingest: 40, wait: 100, encode: 10, infer: 900, post: 5, total: 1055 },
      model: { id: 'small', version: '3', sha256: '0123456789abcdef', backend: 'cpu' },
    });
    assert.deepEqual(told, ['press']);
  });

  test('scores and costs as configured', () => {
    const { answers, last } = setUp({}, configOf({}, { minScore: 0.05, spikes: true }));
    answers.publish(resultOf());
    assert.deepEqual(last('result').scores, { press: 0.9, slip: 0.08 });
    assert.deepEqual(last('result').spikes, { in: 321, hidden: 1840, synops: 91_200 });
    assert.equal(last('result').energy, undefined);
    const compact = setUp({}, configOf({}, { compact: true }));
    compact.answers.publish(resultOf());
    assert.equal(compact.last('result').scores, undefined);
    assert.equal(compact.last('result').spikes, undefined);
  });

  test('its estimated energy as configured, with or without spikes; none of an answer of a stream', () => {
    const { answers, last } = setUp({}, configOf({}, { energy: true }));
    answers.publish(resultOf());
    assert.deepEqual(last('result').energy, { synaptic_uj_est: 0.08208, total_uj_est: 4.271 });
    assert.equal(last('result').spikes, undefined);
    const { spikes: _, ...early } = resultOf({ final: false, bin: 10 });
    answers.publish(early);
    assert.equal(last('result').energy, undefined);
  });

  test('of a window in which events may be missing is marked', () => {
    const { answers, last } = setUp();
    answers.publish(resultOf({ change: { complete: false } }));
    assert.deepEqual(last('result').flags, ['incomplete']);
    assert.deepEqual(last('decision').flags, ['incomplete']);
    answers.publish(resultOf({ index: 1 }));
    assert.equal(last('result').flags, undefined);
  });

  test('that took longer than the deadline is marked', () => {
    const { answers, last } = setUp();
    answers.publish(resultOf({ late: true, change: { complete: false } }));
    assert.deepEqual(last('result').flags, ['incomplete', 'late']);
  });

  test('of a model whose file has any name holds the schema', () => {
    const { answers, last } = setUp();
    for (const [id, name] of [
      ['my model (2)', 'my-model-2-'],
      ['.hidden', 'hidden'],
      ['触覚', 'model'],
      ['x'.repeat(99), 'x'.repeat(64)],
    ] as const) {
      answers.publish(resultOf({ model: { ...loadedModel, id } }));
      assert.equal(last('result').model.id, name);
    }
  });
});

describe('a decision', () => {
  test('follows a result that is sure enough, with the label before and how long it holds; state is the same', () => {
    const { answers, published, last } = setUp();
    answers.publish(resultOf({ index: 3 }));
    assert.deepEqual(
      published.map(({ kind }) => kind),
      ['result', 'decision', 'state'],
    );
    assert.equal(last('decision').prev_label, null);
    answers.publish(resultOf({ index: 4, scores: [0.1, 0.8, 0.1] }));
    const { id, label, prev_label, valid_ms, reason, t, window } = last('decision');
    assert.deepEqual(
      { id, label, prev_label, valid_ms, reason, window },
      { id: '4-50', label: 'slip', prev_label: 'press', valid_ms: 300, reason: 'window_end', window: 4 },
    );
    assert.deepEqual(t, last('result').t);
    assert.deepEqual(last('state'), last('decision'));
  });

  test('does not follow one that is not, and is not forgotten by it', () => {
    const { answers, published, last } = setUp({}, configOf({ minConfidence: 0.6 }));
    answers.publish(resultOf({ scores: [0.59, 0.4, 0.01] }));
    assert.equal(last('result').decided, false);
    assert.deepEqual(
      published.map(({ kind }) => kind),
      ['result'],
    );
    answers.publish(resultOf({ index: 1, scores: [0.6, 0.4, 0] }));
    answers.publish(resultOf({ index: 2, scores: [0.4, 0.3, 0.3] }));
    answers.publish(resultOf({ index: 3, scores: [0, 0, 1] }));
    assert.equal(last('decision').prev_label, 'press');
  });
});

describe('a decision before the end of a window, left to the model', () => {
  const config = configOf({ anytime: { decideBy: 'model' } });
  const stopping = { thresholds: [0.95, 0.6, null], holdBins: 1, targetError: 0.05 };
  const early = (stop: object, scores: readonly [number, number, number]): Kind[] => {
    const { answers, published } = setUp({}, config);
    answers.publish(resultOf({ bin: 20, final: false, model: { ...loadedModel, ...stop }, scores }));
    return published.map(({ kind }) => kind);
  };

  test('is taken by its thresholds, not by those of the configuration', () => {
    assert.deepEqual(early({ stopping }, [0.3, 0.6, 0.1]), ['result', 'decision', 'state']);
    assert.deepEqual(early({ stopping }, [0.94, 0.06, 0]), ['result']);
    assert.deepEqual(early({ stopping: { ...stopping, minMargin: 0.4 } }, [0.3, 0.6, 0.1]), ['result']);
  });

  test('is not taken by a model without a rule', () => {
    assert.deepEqual(early({}, [1, 0, 0]), ['result']);
  });
});

describe('the age of a result', () => {
  const ageOf = (result: Parameters<typeof resultOf>[0], change: Partial<AnswersOptions> = {}): number => {
    const { answers, last } = setUp(change);
    answers.publish(resultOf(result));
    return last('result').age_us;
  };

  test('counts from the end of the window, or of the newest bin that it has seen, however long ago the last event was', () => {
    assert.equal(ageOf({ index: 4, change: { lastEventUs: 8_100_000 } }), 5000);
    assert.equal(ageOf({ index: 4, final: false, bin: 20 }), 605_000);
  });

  test('of several sensors, whose pipeline runs on the time of the host', () => {
    const change = { startUs: offsetUs + 8_000_000, endUs: offsetUs + 9_000_000 };
    assert.equal(ageOf({ change }, { sensorTime: undefined }), 5000);
  });

  test('is that of the way through the edge at least: when the window ended early, and when the clocks are not compared yet', () => {
    assert.equal(ageOf({ index: 5 }), 1055);
    const sensorTime = { toHostUs: () => Number.NaN, boundUs: () => Number.POSITIVE_INFINITY };
    assert.equal(ageOf({ index: 4 }, { sensorTime }), 1055);
  });
});

describe('the moments of a result', () => {
  test('of one sensor: on its clock, on the wall clock, and how far off that may be', () => {
    const { answers, last } = setUp();
    answers.publish(resultOf({ index: 1 }));
    assert.deepEqual(last('result').t, {
      ...{ sensor_first_us: 2_020_000, sensor_last_us: 2_700_000 },
      ...{ event_first_us: offsetUs + 2_020_000, event_last_us: offsetUs + 2_700_000 },
      ...{ decision_us: nowUs, clock: 'unknown', sensor_offset_err_us: 250 },
    });
  });

  test('of several sensors, whose pipeline runs on the wall clock', () => {
    const { answers, last } = setUp({ sensorTime: undefined });
    const [firstEventUs, lastEventUs] = [offsetUs + 0.25, offsetUs + 7.75];
    answers.publish(resultOf({ change: { firstEventUs, lastEventUs } }));
    assert.deepEqual(last('result').t, {
      ...{ event_first_us: offsetUs, event_last_us: offsetUs + 8, decision_us: nowUs, clock: 'unknown' },
    });
  });

  test('of a window without events: its bounds', () => {
    const { answers, last } = setUp();
    answers.publish(resultOf({ change: { firstEventUs: Number.NaN, lastEventUs: Number.NaN, events: 0 } }));
    assert.equal(last('result').t.sensor_first_us, 0);
    assert.equal(last('result').t.sensor_last_us, 1_000_000);
  });

  test('before the clocks are compared: nothing is claimed of their error', () => {
    const sensorTime = { toHostUs: () => Number.NaN, boundUs: () => Number.POSITIVE_INFINITY };
    const { answers, last } = setUp({ sensorTime });
    answers.publish(resultOf());
    assert.deepEqual(last('result').t, {
      ...{ sensor_first_us: 20_000, sensor_last_us: 700_000, event_first_us: 0, event_last_us: 0 },
      ...{ decision_us: nowUs, clock: 'unknown' },
    });
  });
});

const config = configOfSensors();

function planOf(name: string): SensorPlan {
  const transport = (): never => assert.fail('is not opened');
  return { name, config: config.sensors[name]!, geometry: neutouchB, transport, lossless: false };
}

test('info: versions, host, configuration, and what is configured; without secrets', () => {
  const body = infoBody(config, [planOf('serial'), planOf('replay')], 1_784_177_470_000_000);
  assertBody('info', body);
  assert.equal(body.config_hash, configHash(config));
  assert.deepEqual(body.sensors, [
    { name: 'serial', transport: 'serial', codec: 'tef', geometry: 'neutouch-b', taxels: 39 },
    { name: 'replay', transport: 'replay', codec: 'tef', geometry: 'neutouch-b', taxels: 39 },
  ]);
  assert.deepEqual(body.pipelines, [
    { name: 'touch', sensors: ['serial'], window: 'sliding', engine: config.pipelines['touch']!.engine.name },
  ]);
  assert.ok(body.schemas.includes('tactile.result/1.0'));
});

test('info, model and result say what computes', () => {
  for (const [mode, backend] of [
    ['webgpu', 'gpu'],
    ['headlessgl', 'gpu'],
    ['webasm', 'cpu'],
    ['simd', 'cpu'],
  ] as const) {
    const model = { ...loadedModel, mode };
    assert.equal(infoBody(config, [], 0, new Map([['touch', { model }]])).backend, backend, mode);
    assert.equal(modelBody('touch', { active: { model, sinceUs: 0 } }, 0.5).active?.backend, backend, mode);
    const { answers, last } = setUp();
    answers.publish({ ...resultOf(), model });
    assert.equal(last('result').model.backend, backend, mode);
  }
});

describe('the model message', () => {
  test('names the model that answers, its labels and its window', () => {
    const body = modelBody('touch', { active: { model: loadedModel, sinceUs: 1_784_177_470_000_000 } }, 0.5);
    assertBody('model', body);
    assert.equal(body.active?.sha256, loadedModel.sha256);
    assert.deepEqual(body.active?.labels, ['press', 'slip', 'none']);
    assert.deepEqual(body.active?.input, { taxels: 39, channels: 2, bins: 50, bin_us: 20_000 });
    assert.equal(body.active?.parameters, 69_606);
    assert.deepEqual(body.active?.equal_shape, { multiply_accumulates: 3_409_472, uj_est: 15.68 });
    assertBody(
      'model',
      modelBody('touch', { active: { model: { ...loadedModel, id: 'two words' }, sinceUs: 0 } }, 0.5),
    );
  });

  test('without a model all roles are empty', () => {
    const body = modelBody('touch', {}, 0.5);
    assertBody('model', body);
    assert.deepEqual(body, {
      pipeline: 'touch',
      active: null,
      previous: null,
      candidate: null,
      shadow: null,
    });
  });
});
