/** The short form of `npm run drill -- unplug`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unplugDrill } from '../support/unplug-drill.js';

test('cables that are pulled at random for 42 s: all sensors recover, all that was lost is counted, others notice nothing', {
  timeout: 60_000,
}, async () => {
  const { pulls, pulls_counted, recovered, ...figures } = await unplugDrill({ minutes: 0.7, seed: 1 });
  assert.ok(pulls! > 0);
  assert.deepEqual([pulls_counted, recovered], [pulls, pulls]);
  const { windows_lost, windows_lost_of_others, uncounted, events_counted_lost } = figures;
  assert.deepEqual([windows_lost, windows_lost_of_others, uncounted], [0, 0, 0]);
  assert.ok(events_counted_lost! > 0);
});
