/** The short form of `npm run drill -- clock-step`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockStepDrill } from '../support/clock-step-drill.js';

test('a wall clock that is set by an hour and a day is noticed each time and changes nothing but the moments', {
  timeout: 60_000,
}, async () => {
  const { windows, ...figures } = await clockStepDrill(4, 1);
  assert.ok(windows! > 0);
  assert.deepEqual(figures, {
    ...{ steps: 4, noticed: 4, warned: 4, noticed_without: 0 },
    ...{ lost: 0, changed_answers: 0, bad_latency: 0, bad_times: 0 },
  });
});
