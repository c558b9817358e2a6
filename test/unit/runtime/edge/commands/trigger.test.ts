import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeCommands, refusal } from '../../../../support/edge-commands.js';

const answers = ['opened', 'busy', 'past', 'future', 'unknown', 'ignored', 'not-running'] as const;
const pipelines = new Map(answers.map((answer) => [answer as string, { trigger: () => answer }]));

test('a pipeline that opens a window is the answer', async () => {
  const { send } = edgeCommands({ pipelines });
  assert.deepEqual(await send('trigger', { pipeline: 'opened' }), { pipeline: 'opened', window: 'opened' });
});

test('one that opens none is refused, with a code for programs and the reason for people', async () => {
  const { send } = edgeCommands({ pipelines });
  const reasons = new Set<string>();
  for (const name of answers.slice(1)) {
    const { code, message } = await refusal(send('trigger', { pipeline: name }));
    assert.equal(code, `trigger-${name}`);
    assert.match(message, new RegExp(`^pipeline ${name} opened no window: (it|that time)`));
    reasons.add(message.slice(name.length * 2));
  }
  assert.equal(reasons.size, answers.length - 1);
});

test('an unknown pipeline, or none at all, is refused with the names that there are', async () => {
  const { send } = edgeCommands({ pipelines });
  for (const pipeline of ['press', '__proto__']) {
    const { code, remedy } = await refusal(send('trigger', { pipeline }));
    assert.equal(code, 'unknown-pipeline');
    assert.match(remedy!, /^there are: opened, busy/);
  }
  for (const pipeline of [undefined, 7, null])
    assert.equal((await refusal(send('trigger', { pipeline }))).code, 'bad-body');
  assert.match(
    (await refusal(edgeCommands({}).send('trigger', { pipeline: 'x' }))).remedy!,
    /there is none at all/,
  );
});
