import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STUCK_AFTER_US, StuckWatch } from '../../../../runtime/health/stuck.js';
import type { PipelineCounters, PipelineState } from '../../../../runtime/inference/index.js';
import { pipelineCounters } from '../../../support/counters.js';

function pipeline(change: Partial<PipelineCounters> = {}, state: PipelineState = 'running') {
  const counters = pipelineCounters(change);
  return [['touch', { state, counters }]] as const;
}

/** What is stuck when windows wait at 0 and nothing but `later` has changed at the limit. */
function stuckAfter(first: ReturnType<typeof pipeline>, later: ReturnType<typeof pipeline>): string[] {
  const watch = new StuckWatch();
  assert.deepEqual(watch.look(first, 0), []);
  assert.deepEqual(watch.look(first, STUCK_AFTER_US - 1), [], 'not before its time');
  return watch.look(later, STUCK_AFTER_US);
}

test('windows that wait and never get an answer are a pipeline that is stuck', () => {
  const waiting = pipeline({ windows: 3, answered: 1 });
  assert.deepEqual(stuckAfter(waiting, waiting), ['touch']);
});

test('giving way to newer windows is no progress', () => {
  const waiting = pipeline({ windows: 3, answered: 1 });
  assert.deepEqual(stuckAfter(waiting, pipeline({ windows: 90, answered: 1, dropped: 85 })), ['touch']);
});

for (const counter of ['answered', 'updates', 'lost', 'failed', 'cut'] as const)
  test(`one more that is ${counter} is progress`, () => {
    assert.deepEqual(stuckAfter(pipeline({ windows: 3 }), pipeline({ windows: 3, [counter]: 1 })), []);
  });

test('without touch, and without a model, nothing is stuck', () => {
  const idle = pipeline({ windows: 5, answered: 5 });
  assert.deepEqual(stuckAfter(idle, idle), []);
  const failed = pipeline({ windows: 5 }, 'failed');
  assert.deepEqual(stuckAfter(failed, failed), []);
});

test('the time counts from when there was something to do', () => {
  const watch = new StuckWatch();
  watch.look(pipeline(), 0);
  watch.look(pipeline(), STUCK_AFTER_US);
  assert.deepEqual(watch.look(pipeline({ windows: 1 }), 2 * STUCK_AFTER_US - 1), []);
  assert.deepEqual(watch.look(pipeline({ windows: 1 }), 2 * STUCK_AFTER_US), ['touch']);
});
