/** What a result says of its moments when the wall clock was set: the clock of sensors does not follow it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Answers } from '../../../../runtime/edge/answers.js';
import { Settings } from '../../../../runtime/edge/settings.js';
import type { ResultBody } from '../../../../runtime/publish/index.js';
import { configOf } from '../../../support/daemon.js';
import { resultOf } from '../../../support/results.js';

const config = configOf({
  sensors: { finger0: { transport: { kind: 'simulator' } } },
  pipelines: { touch: { sensors: ['finger0'], model: 'demo' } },
});
/** Host time minus device time, and host time when the result is made, both on the clock of sensors. */
const offsetUs = 1_784_177_000_000_000;
const sensorNowUs = offsetUs + 9_005_000;
const hourUs = 3_600_000_000;

/** The moments and the age of a result after such a step; `isHand`: of a pipeline with several sensors. */
function after(stepUs: number, { isHand = false, isRecorded = false } = {}) {
  let body: ResultBody | undefined;
  const answers = new Answers({
    pipeline: 'touch',
    settings: new Settings(config),
    publisher: { publish: () => true },
    nowUs: () => sensorNowUs + stepUs,
    sensorNowUs: () => sensorNowUs,
    isRecorded,
    sensorTime: isHand ? undefined : { toHostUs: (us) => us + offsetUs, boundUs: () => 250 },
    onResult: (message) => {
      body = message;
    },
  });
  const fromUs = isHand ? offsetUs : 0;
  const change = { startUs: fromUs + 8e6, endUs: fromUs + 9e6 };
  answers.publish(
    resultOf({ change: { ...change, firstEventUs: fromUs + 8_100_000, lastEventUs: fromUs + 8_900_000 } }),
  );
  const { t, age_us } = body!;
  return { first: t.event_first_us, last: t.event_last_us, decision: t.decision_us, age: age_us };
}

const unmoved = { first: offsetUs + 8_100_000, last: offsetUs + 8_900_000, age: 5000 };

for (const stepUs of [hourUs, -hourUs, -24 * hourUs])
  test(`a step of ${stepUs / hourUs} h moves its moments, and not its age`, () => {
    const moved = {
      first: unmoved.first + stepUs,
      last: unmoved.last + stepUs,
      decision: sensorNowUs + stepUs,
      age: unmoved.age,
    };
    assert.deepEqual(after(stepUs), moved);
    assert.deepEqual(after(stepUs, { isHand: true }), moved);
  });

test('what is no step moves nothing: the moments of events do not tremble with the clocks', () => {
  assert.deepEqual(after(900), { ...unmoved, decision: sensorNowUs + 900 });
});

test('the moments of a recording are its own', () => {
  assert.deepEqual(after(hourUs, { isRecorded: true }), { ...unmoved, decision: sensorNowUs + hourUs });
});
