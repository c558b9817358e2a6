/** The short form of `npm run drill -- worker-crash`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashDrill } from '../support/crash-drill.js';

test('a thread that exits, throws and hangs under steady windows costs one window each time, told and counted', {
  timeout: 60_000,
}, async (t) => {
  const { worst_gap_ms, p50_gap_ms, windows, answered, ...figures } = await crashDrill({
    ...{ crashes: 3, paceMs: 20, limitMs: 1000 },
  });
  t.diagnostic(`no answers for ${p50_gap_ms} ms (median), ${worst_gap_ms} ms at most`);
  assert.deepEqual(figures, {
    ...{ crashes: 3, lost: 3, lost_told: 3, lost_otherwise: 0 },
    ...{ most_lost_at_once: 1, changed_answers: 0 },
  });
  assert.equal(answered, windows! - 3);
});
