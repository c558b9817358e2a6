import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsFrom, type SequencedContact } from '../../../../devices/index.js';
import { DemoScore } from '../../../../runtime/cli/demo-score.js';
import type { PipelineResult } from '../../../../runtime/inference/index.js';
import type { ResultBody } from '../../../../runtime/publish/index.js';

function contact(index: number, kind: SequencedContact['kind']): SequencedContact {
  const startUs = index * 1_000_000;
  return {
    ...{ index, kind, shape: 'flat', startUs, nextUs: startUs + 1_000_000 },
    ...{ durationUs: 500_000, events: eventsFrom([]) },
  } as SequencedContact;
}

/** A decision on a window that begins with contact `index`. */
function decision(index: number, label: string, ms = 2): [ResultBody, PipelineResult] {
  const window = { startUs: index * 1_000_000 + 10_000, events: 321 };
  const body = { label, confidence: 0.914, window: index };
  return [body as ResultBody, { window, dropped: 1, timings: { totalUs: 1000 * ms } } as PipelineResult];
}

test('a decision is compared with the touch that was under way', () => {
  const score = new DemoScore();
  assert.equal(score.line(), '');
  assert.equal(score.summary(), '0 decisions, 0 right, 0 windows dropped');
  score.expect(contact(0, 'press'));
  score.expect(contact(1, 'slip'));
  score.add(...decision(0, 'press'));
  assert.equal(score.line(), 'decision 1  press    91 %  321 events, 2.0 ms      it was press');
  score.add(...decision(1, 'tap', 4));
  assert.match(score.line(), /^decision 2 {2}tap .*it was slip {2}\(wrong\)$/);
  score.add(...decision(7, 'tap', 9));
  assert.match(score.line(), /^decision 8 {2}tap +91 % {2}321 events, 9\.0 ms +$/);
  assert.equal(
    score.summary(),
    '3 decisions, 1 right, 1 window dropped; 4.0 ms from last byte to message (median)',
  );
});

test('when there have been enough decisions, no more count', () => {
  const score = new DemoScore(1);
  assert.equal(score.add(...decision(0, 'press')), true);
  assert.equal(score.isComplete, true);
  assert.equal(score.add(...decision(1, 'slip')), false);
  assert.equal(score.windows, 1);
  assert.equal(score.last?.body.label, 'press');
});

test('it remembers the last 200 touches and latencies', () => {
  const score = new DemoScore();
  for (let i = 0; i < 300; i++) {
    score.expect(contact(i, 'press'));
    score.add(...decision(i, 'press', i < 100 ? 50 : 1));
  }
  assert.deepEqual(score.latency, { p50: 1, p99: 1 });
  assert.equal(score.right, 300);
});
