import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyFromConfig } from '../../../../runtime/window/index.js';

test('milliseconds of the configuration become whole microseconds', () => {
  assert.deepEqual(policyFromConfig({ kind: 'sliding', hopMs: 2.0004, emitEmpty: true }), {
    kind: 'sliding',
    hopUs: 2000,
    emitEmpty: true,
  });
  assert.deepEqual(policyFromConfig({ kind: 'trigger', historyMs: 0.5 }), {
    kind: 'trigger',
    historyUs: 500,
  });
});

test('onset: the release level is a third of the threshold unless it is given', () => {
  const config = {
    kind: 'onset',
    thresholdEvents: 12,
    intervalMs: 20,
    preRollMs: 10,
    rearm: 'quiet',
    rearmMs: 50,
  } as const;
  assert.deepEqual(policyFromConfig(config), {
    kind: 'onset',
    thresholdEvents: 12,
    intervalUs: 20_000,
    preRollUs: 10_000,
    rearm: 'quiet',
    releaseEvents: 4,
    rearmUs: 50_000,
  });
  const released = (change: object) => {
    const policy = policyFromConfig({ ...config, ...change });
    return policy.kind === 'onset' ? policy.releaseEvents : undefined;
  };
  assert.deepEqual([released({ releaseEvents: 7 }), released({ thresholdEvents: 2 })], [7, 1]);
});
