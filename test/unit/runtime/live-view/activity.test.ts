import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsFrom } from '../../../../devices/index.js';
import { Activity } from '../../../../runtime/live-view/activity.js';

const positions = [
  { x: 0, y: 0 },
  { x: 1, y: 2 },
];

test('events count for their taxel and polarity, and fade to 1/e in 150 ms', () => {
  const activity = new Activity(positions, 1000);
  activity.add(
    eventsFrom([
      [0, 0, 1],
      [1, 1, 0],
      [2, 1, 0],
    ]),
  );
  assert.deepEqual(activity.taxels, [
    { x: 0, y: 0, on: 1, off: 0 },
    { x: 1, y: 2, on: 0, off: 2 },
  ]);
  activity.advance(1150);
  assert.ok(Math.abs(activity.taxels[1]!.off - 2 / Math.E) < 1e-6);
  activity.advance(5000);
  activity.advance(5001);
  assert.deepEqual(
    activity.taxels.map(({ on, off }) => on + off),
    [0, 0],
  );
});

test('a taxel that is not there changes nothing', () => {
  const activity = new Activity(positions, 0);
  activity.add(eventsFrom([[0, 7, 1]]));
  assert.deepEqual(
    activity.taxels.map(({ on, off }) => on + off),
    [0, 0],
  );
});

test('the history counts events a tenth of a second, oldest first; their rate is that of the last second', () => {
  const activity = new Activity(positions, 0);
  for (let step = 0; step < 25; step++) {
    activity.add(eventsFrom(Array.from({ length: step }, (_, i) => [i, 0, 1] as const)));
    activity.advance(100 * (step + 1));
  }
  assert.deepEqual(
    activity.history,
    Array.from({ length: 20 }, (_, i) => i + 5),
  );
  assert.equal(
    activity.eventsPerSecond,
    [15, 16, 17, 18, 19, 20, 21, 22, 23, 24].reduce((a, b) => a + b),
  );
  activity.advance(60_000);
  assert.equal(activity.eventsPerSecond, 0);
});
