import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TriggerSpec } from '../../../../runtime/window/index.js';
import { at, lost, recorder, spans } from '../../../support/window-rows.js';

const policy: TriggerSpec = { kind: 'trigger', historyUs: 50 };

test('without a trigger nothing opens; the history is bounded by time', () => {
  const both = recorder(policy);
  both.windower.add(0, at(0, 10, 50, 51, 60));
  assert.equal(both.windower.pending, 4);
  assert.equal(both.windower.counters.outside, 1);
  both.windower.flush();
  assert.deepEqual(both.windows, []);
  assert.equal(lost(both), 0);
});

test('a trigger opens a window at the latest event time', () => {
  const { windower, windows } = recorder(policy);
  windower.add(0, at(10, 20));
  assert.equal(windower.trigger(), 'opened');
  windower.add(0, at(59, 60));
  assert.deepEqual(spans(windows), [[20, 60, 2, 'end']]);
});

test('a trigger reaches back into the history', () => {
  const { windower, windows } = recorder(policy);
  windower.add(0, at(10, 20, 55));
  assert.equal(windower.trigger(15), 'opened');
  assert.deepEqual(spans(windows), [[15, 55, 1, 'end']]);
  assert.equal(windower.trigger(1), 'past');
  assert.equal(windower.trigger(Number.NaN), 'past');
  assert.equal(windower.counters.triggersRefused, 2);
});

test('a trigger may name a time to come', () => {
  const { windower, windows } = recorder(policy, { maxJumpUs: 1000 });
  windower.add(0, at(10));
  assert.equal(windower.trigger(2000), 'future');
  assert.equal(windower.trigger(100), 'opened');
  windower.add(0, at(99, 100, 139, 140));
  windower.flush();
  assert.deepEqual(spans(windows), [[100, 140, 2, 'end']]);
});

test('one window at a time; windows never overlap', () => {
  const both = recorder(policy);
  both.windower.add(0, at(10));
  assert.equal(both.windower.trigger(), 'opened');
  assert.equal(both.windower.trigger(), 'busy');
  both.windower.add(0, at(52));
  assert.equal(both.windower.trigger(20), 'opened');
  both.windower.add(0, at(60));
  both.windower.flush();
  assert.deepEqual(spans(both.windows), [
    [10, 50, 1, 'end'],
    [50, 90, 2, 'flush'],
  ]);
  assert.equal(lost(both), 0);
});

test('a triggered window is emitted even when nothing touched', () => {
  const { windower, windows } = recorder(policy);
  windower.advance(0, 100);
  windower.trigger();
  windower.advance(0, 140);
  assert.deepEqual(spans(windows), [[100, 140, 0, 'end']]);
  assert.equal(windows[0]!.cells.length, 0);
});

test('no time, no window; other policies ignore triggers', () => {
  assert.equal(recorder(policy).windower.trigger(), 'unknown');
  assert.equal(recorder({ kind: 'sliding', hopUs: 40, emitEmpty: false }).windower.trigger(), 'ignored');
});
