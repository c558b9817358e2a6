import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { eventsFrom } from '../../../../devices/index.js';
import { FrameSchedule, type FrameScheduleOptions } from '../../../../devices/simulator/frame-schedule.js';

type Row = readonly [number, number, number];

const options: FrameScheduleOptions = { taxels: 39, frameBytes: 255, statusUs: 500_000, tailUs: 10_000 };

/** A schedule over these rows, the source having no more. */
function scheduleOf(
  rows: readonly Row[],
  change: Partial<FrameScheduleOptions> = {},
  flushUs = 2000,
): FrameSchedule {
  const schedule = new FrameSchedule({ ...options, ...change }, flushUs);
  schedule.feed(eventsFrom(rows));
  schedule.finish();
  return schedule;
}

/** Each frame up to the end: its time, then its number of events, or S for STATUS, or E for the end. */
function plan(schedule: FrameSchedule): string {
  const lines: string[] = [];
  for (;;) {
    const { kind, atUs } = schedule.next()!;
    lines.push(`${atUs}:${kind === 'events' ? schedule.frame.length : kind === 'status' ? 'S' : 'E'}`);
    if (kind === 'end') return lines.join(' ');
  }
}

suite('a frame of events goes out', () => {
  test('when its first event has waited for the flush time', () => {
    const rows: Row[] = [
      [1000, 0, 1],
      [2999, 1, 1],
      [3000, 2, 1],
    ];
    assert.equal(plan(scheduleOf(rows)), '3000:2 5000:1 13000:E');
  });

  test('when the next event would not fit', () => {
    const rows: Row[] = Array.from({ length: 25 }, (_, i) => [i * 10, 1, 1]);
    assert.equal(plan(scheduleOf(rows, { frameBytes: 32 })), '100:10 200:10 2200:5 10240:E');
  });

  test('when a STATUS is due, and then before it', () => {
    const rows: Row[] = [
      [499_000, 0, 1],
      [500_000, 1, 1],
    ];
    assert.equal(plan(scheduleOf(rows)), '500000:1 500000:S 502000:1 510000:E');
  });
});

suite('a STATUS goes out', () => {
  test('every 500 ms, in silence too', () =>
    assert.equal(plan(scheduleOf([[1_600_000, 0, 1]])), '500000:S 1000000:S 1500000:S 1602000:1 1610000:E'));

  test('and at the end, the tail after the last event; after that the heartbeat goes on', () => {
    const schedule = scheduleOf([[100, 0, 1]], { tailUs: 1_200_000 });
    assert.equal(plan(schedule), '2100:1 500000:S 1000000:S 1200100:E');
    assert.deepEqual(schedule.next(), { kind: 'status', atUs: 1_700_100 });
    assert.deepEqual(schedule.next(), { kind: 'status', atUs: 2_200_100 });
  });

  test('never earlier than what was sent before it, however short the tail', () =>
    assert.equal(plan(scheduleOf([[100, 0, 1]], { tailUs: 0 })), '2100:1 2100:E'));

  test('also when the source has nothing at all', () => assert.equal(plan(scheduleOf([])), '10000:E'));
});

suite('a schedule', () => {
  test('asks for events when it has none, and keeps those of an open frame', () => {
    const schedule = new FrameSchedule(options, 2000);
    assert.equal(schedule.hungry, true);
    assert.equal(schedule.next(), undefined);
    schedule.feed(eventsFrom([[10, 0, 1]]));
    assert.equal(schedule.hungry, false);
    assert.equal(schedule.next(), undefined, 'what comes next is not known yet');
    schedule.feed(eventsFrom([[20, 1, 0]]));
    schedule.finish();
    assert.equal(plan(schedule), '2010:2 10020:E');
  });

  test('drops and counts events that go back, have no time, or name a taxel that is not there', () => {
    const schedule = scheduleOf([
      [50, 39, 1],
      [100, 38, 1],
      [99, 0, 1],
      [Number.NaN, 0, 1],
      [Number.POSITIVE_INFINITY, 0, 1],
      [100, 1, 1],
    ]);
    assert.equal(plan(schedule), '2100:2 10100:E');
    assert.equal(schedule.dropped, 4);
  });

  test('is moved as a whole, the open frame too', () => {
    const schedule = scheduleOf([
      [100, 0, 1],
      [5000, 1, 1],
    ]);
    assert.deepEqual(schedule.next(), { kind: 'events', atUs: 2100 });
    schedule.shift(1_000_000);
    assert.equal(schedule.frame.tUs[0], 1_000_100);
    assert.equal(plan(schedule), '1007000:1 1015000:E');
  });
});
