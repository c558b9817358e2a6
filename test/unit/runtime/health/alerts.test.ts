import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookForAlerts, NO_ALERTS, standingAlerts } from '../../../../runtime/health/alerts.js';
import { type HealthFacts, healthOf } from '../../../support/health.js';
import { assertBody } from '../../../support/message-schemas.js';

const none: ReadonlySet<string> = new Set();
const wallOffsetUs = 1_784_177_470_000_000;

/** Looks once a second; says at which second an alert was raised or cleared. */
class Watch {
  readonly told: string[] = [];
  #state = NO_ALERTS;
  #second = 0;

  constructor(private readonly recordings = none) {}

  /** @param facts of each second, or a function of the second that makes them */
  see(seconds: number, facts: HealthFacts | ((second: number) => HealthFacts) = {}): this {
    for (let i = 0; i < seconds; i++) {
      const atUs = this.#second * 1e6;
      const health = healthOf(typeof facts === 'function' ? facts(this.#second) : facts);
      const change = lookForAlerts(this.#state, health, this.recordings, {
        atUs,
        wallUs: atUs + wallOffsetUs,
      });
      for (const alert of change.raised) {
        assertBody('alert', alert);
        assert.equal(alert.since_us, atUs + wallOffsetUs);
        this.told.push(`${this.#second} ${alert.id} ${alert.severity}`);
      }
      for (const id of change.cleared) this.told.push(`${this.#second} ${id} over`);
      this.#state = change.state;
      this.#second++;
    }
    return this;
  }

  get standing(): string[] {
    return standingAlerts(this.#state).map(({ id }) => id);
  }
}

test('nothing is an alert while all is well', () => {
  const watch = new Watch().see(100);
  assert.deepEqual(watch.told, []);
});

for (const state of ['absent', 'silent', 'error'] as const)
  test(`a sensor that is ${state} for 5 s is an alert, until it has been online for 5 s`, () => {
    const watch = new Watch().see(10).see(20, { sensor: state }).see(20);
    assert.deepEqual(watch.told, ['14 sensor-lost.finger0 error', '34 sensor-lost.finger0 over']);
  });

test('a sensor that is away for a moment is none; one that comes for a moment does not end it', () => {
  assert.deepEqual(new Watch().see(10).see(3, { sensor: 'absent' }).see(10).told, []);
  const watch = new Watch().see(1).see(10, { sensor: 'absent' }).see(3).see(10, { sensor: 'absent' });
  assert.deepEqual(watch.told, ['5 sensor-lost.finger0 error']);
  assert.deepEqual(watch.standing, ['sensor-lost.finger0']);
});

test('a sensor that has not answered yet, and a recording that has ended, are no alerts', () => {
  assert.deepEqual(new Watch().see(50, { sensor: 'connecting' }).told, []);
  assert.deepEqual(new Watch(new Set(['finger0'])).see(50, { sensor: 'absent' }).told, []);
});

for (const counter of ['framesLost', 'eventsLost'] as const)
  test(`${counter} that keep growing for 10 s are an alert; 30 s without end it; one loss is none`, () => {
    const watch = new Watch().see(20, (second) => ({ [counter]: second })).see(40, { [counter]: 19 });
    assert.deepEqual(watch.told, ['10 sensor-losses.finger0 warning', '49 sensor-losses.finger0 over']);
    assert.deepEqual(new Watch().see(5).see(50, { [counter]: 3 }).told, []);
  });

test('windows that are shed count as dropped', () => {
  const watch = new Watch().see(10, (second) => ({ shedWindows: second * 4 }));
  assert.deepEqual(watch.standing, ['overload.slip']);
});

test('windows that keep being dropped for 5 s are an alert, until none has been for 10 s', () => {
  const watch = new Watch().see(10, (second) => ({ dropped: second * 4 })).see(20, { dropped: 36 });
  assert.deepEqual(watch.told, ['5 overload.slip warning', '19 overload.slip over']);
});

test('a main thread that is 50 ms late for 5 s is an alert, until it is below 25 ms for 10 s', () => {
  const watch = new Watch().see(1).see(10, { p99: 50_000 }).see(30, { p99: 30_000 }).see(20, { p99: 24_000 });
  assert.deepEqual(watch.told, ['5 event-loop-late warning', '50 event-loop-late over']);
  assert.deepEqual(new Watch().see(60, { p99: 49_999 }).told, []);
});

test('a model store that cannot be used for 5 s is an alert that says why, until it has been usable for 5 s', () => {
  const watch = new Watch()
    .see(10)
    .see(20, { storeFault: 'the model store /m cannot be used: ENOENT' })
    .see(20);
  assert.deepEqual(watch.told, ['14 store-unusable error', '34 store-unusable over']);
  assert.deepEqual(new Watch().see(10).see(3, { storeFault: 'so' }).see(10).told, []);
});

test('three connections lost within a minute are an alert, until at most one was', () => {
  const lost = (second: number): HealthFacts => ({
    lost: second < 10 ? 0 : second < 20 ? 1 : second < 30 ? 2 : 3,
  });
  const watch = new Watch().see(200, lost);
  // Lost at 10, 20 and 30: within the last 60 s two at 70, one at 80.
  assert.deepEqual(watch.told, ['30 broker-unstable warning', '80 broker-unstable over']);
  const rare = (second: number): HealthFacts => ({ lost: Math.floor(second / 40) });
  assert.deepEqual(new Watch().see(400, rare).told, []);
});

test('a pipeline without a model is an alert at once, and over at once', () => {
  const watch = new Watch().see(2, { state: 'failed' }).see(2);
  assert.deepEqual(watch.told, ['0 model-failed.slip error', '2 model-failed.slip over']);
});

test('looking changes nothing but what it returns', () => {
  const health = healthOf({ state: 'failed' });
  const first = lookForAlerts(NO_ALERTS, health, none, { atUs: 0, wallUs: 0 });
  assert.deepEqual(lookForAlerts(NO_ALERTS, health, none, { atUs: 0, wallUs: 0 }), first);
  assert.equal(NO_ALERTS.standing.size, 0);
  assert.deepEqual(lookForAlerts(first.state, health, none, { atUs: 1e6, wallUs: 1e6 }).raised, []);
});
