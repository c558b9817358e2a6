import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsFrom } from '../../../../devices/index.js';
import { Timeline } from '../../../../devices/session/timeline.js';
import { rows } from '../../../support/tef.js';

test('times that lie back are moved up to the last one, and counted', () => {
  const timeline = new Timeline();
  const batch = eventsFrom([
    [100, 1, 1],
    [90, 2, 1],
    [120, 3, 0],
  ]);
  assert.equal(timeline.align(batch), 1);
  assert.deepEqual(
    rows(batch).map(([time]) => time),
    [100, 100, 120],
  );
  assert.equal(timeline.nowUs, 120);
});

test('time that has passed is not passed again', () => {
  const timeline = new Timeline();
  assert.equal(timeline.advance(50), true);
  assert.equal(timeline.advance(50), false);
  assert.equal(timeline.advance(49), false);
});

test('a step back of more than a second is a restart', () => {
  const timeline = new Timeline();
  assert.equal(timeline.isRestart(0), false);
  timeline.advance(5_000_000);
  assert.equal(timeline.isRestart(4_000_000), false);
  assert.equal(timeline.isRestart(3_999_999), true);
  assert.equal(timeline.restart(), true);
  assert.equal(timeline.restart(), false);
  assert.equal(timeline.advance(10), true);
});
