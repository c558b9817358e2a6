import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trigger } from '../../../../runtime/edge/trigger.js';

const answers = ['opened', 'busy', 'past', 'future', 'unknown', 'ignored', 'not-running'] as const;
const pipelines = new Map(answers.map((answer) => [answer as string, { trigger: () => answer }]));

test('a pipeline that opens a window is the answer', () => {
  assert.deepEqual(trigger(pipelines, 'opened'), { pipeline: 'opened', window: 'opened' });
});

test('one that opens none is refused, with a code for programs and the reason for people', () => {
  const reasons = answers.slice(1).map((name) => {
    let reason = '';
    assert.throws(
      () => trigger(pipelines, name),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, `trigger-${name}`);
        assert.ok(
          error.message.startsWith(`pipeline ${name} opened no window: it`) ||
            /that time/.test(error.message),
        );
        reason = error.message.slice(name.length * 2);
        return true;
      },
    );
    return reason;
  });
  assert.equal(new Set(reasons).size, reasons.length);
});

test('an unknown pipeline, or none at all, is refused with the names that there are', () => {
  for (const name of ['press', undefined, 7, null, '__proto__'])
    assert.throws(() => trigger(pipelines, name), {
      code: 'unknown-pipeline',
      message: /"pipeline" must be one of opened, busy/,
    });
  assert.throws(() => trigger(new Map(), 'x'), { message: /no pipeline runs/ });
});
