/** The short form of `npm run drill -- broker`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokerDrill } from '../support/broker-drill.js';
import { needs } from '../support/programs.js';

test('a broker that is killed twice under load: results follow, none is stale, and everybody is told the right status', {
  skip: needs('mosquitto'),
  timeout: 60_000,
}, async (t) => {
  const figures = await brokerDrill({ kills: 2, awayMs: [200, 2500], upMs: 200, warmMs: 0 });
  t.diagnostic(`back after ${figures['worst_back_ms']} ms at most`);
  const { kills, stale, wrong_status } = figures;
  assert.deepEqual({ kills, stale, wrong_status }, { kills: 2, stale: 0, wrong_status: 0 });
  assert.ok(figures['results']! > 0);
});
