/** The short form of `npm run drill -- soak`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floorOf, theilSen } from '../support/slope.js';
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

test('a leak is seen below the garbage on it: the slope of the floor is that of what stays', () => {
  // 2 a step of what stays, and up to 40 of garbage that is collected once in seven steps; one outlier.
  const at = (x: number): number => 100 + 2 * x + 40 * ((x % 7) / 7) + (x === 30 ? 500 : 0);
  const points = Array.from({ length: 71 }, (_, x) => [x, at(x)] as const);
  assert.ok(Math.abs(theilSen(floorOf(points, 7)) - 2) < 0.1);
  const flat = points.map(([x, y]) => [x, y - 2 * x] as const);
  assert.equal(theilSen(floorOf(flat, 7)), 0);
});
