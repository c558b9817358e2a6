/** The short form of `npm run drill -- soak`. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { GarbageCollector } from '../support/collect-garbage.js';
import { theilSen } from '../support/slope.js';
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

test('a leak is seen through outliers, and what is flat is flat', () => {
  const at = (x: number): number => 100 + 2 * x + (x % 5 === 0 ? 40 : 0);
  const points = Array.from({ length: 71 }, (_, x) => [x, at(x)] as const);
  assert.ok(Math.abs(theilSen(points) - 2) < 0.1);
  assert.equal(theilSen(points.map(([x, y]) => [x, y - 2 * x] as const)), 0);
});

test('garbage of all threads is collected before a look, and what is held stays', async (t) => {
  const script = `
    const { parentPort } = require('node:worker_threads');
    const held = { held: true };
    const refs = [new WeakRef({ garbage: true }), new WeakRef(held)];
    parentPort.on('message', () => parentPort.postMessage([refs.map((ref) => ref.deref() !== undefined), held]));
    parentPort.postMessage('up');`;
  const worker = new Worker(script, { eval: true });
  t.after(() => worker.terminate());
  await once(worker, 'message');
  const collector = new GarbageCollector();
  await collector.collect();
  worker.postMessage('look');
  const [[stays]] = (await once(worker, 'message')) as [[boolean[]]];
  assert.deepEqual(stays, [false, true]);
  collector.close();
});
