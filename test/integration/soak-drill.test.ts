/** The short form of `npm run drill -- soak`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soakDrill } from '../support/soak-drill.js';

test('a daemon at twenty times its pace answers every window and leaves no handle behind', {
  timeout: 60_000,
}, async (t) => {
  const figures = await soakDrill({ minutes: 0.1, lookMs: 200 });
  t.diagnostic(JSON.stringify(figures));
  const { windows, updates, unanswered, fds_start, fds_end, handles_start, handles_end } = figures;
  assert.ok(windows! > 0 && updates! > windows!);
  assert.equal(unanswered, 0);
  assert.ok(fds_end! <= fds_start!, `${fds_start} files, then ${fds_end}`);
  assert.ok(handles_end! <= handles_start!, `${handles_start} handles, then ${handles_end}`);
  for (const [name, value] of Object.entries(figures))
    assert.ok(Number.isFinite(value), `${name} is ${value}`);
  assert.ok(figures['p50_end_ms']! <= figures['p99_end_ms']!);
});
