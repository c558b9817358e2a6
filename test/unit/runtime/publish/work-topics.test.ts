import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkTopics } from '../../../../runtime/publish/index.js';

const topics = new WorkTopics('plant/touch');
const model = '0123456789abcdef';

const address = { edge: 'e1', model };

test('topics of work stand below the base, and are read back', () => {
  assert.equal(topics.window(address), `plant/touch/v1/e1/work/${model}/window`);
  assert.equal(topics.sharedWindows('crew', model), `$share/crew/plant/touch/v1/+/work/${model}/window`);
  assert.equal(topics.worker('w1'), 'plant/touch/v1/work/worker/w1');
  assert.equal(topics.answers('e1'), 'plant/touch/v1/e1/work/answer');
  assert.deepEqual(topics.addressOf(topics.window(address)), address);
  assert.equal(topics.workerOf(topics.worker('w1')), 'w1');
});

test('other topics are neither windows nor workers', () => {
  for (const other of [
    topics.worker('w1'),
    topics.answers('e1'),
    `other/v1/e1/work/${model}/window`,
    `plant/touch/v1/e1/work/${model}/window/x`,
    `plant/touch/v1/+/work/${model}/window`,
    `plant/touch/v1//work/${model}/window`,
  ])
    assert.equal(topics.addressOf(other), undefined, other);
  for (const other of [
    topics.window(address),
    topics.answers('e1'),
    'plant/touch/v1/work/worker',
    'plant/touch/v1/work/worker/a b',
  ])
    assert.equal(topics.workerOf(other), undefined, other);
});

test('names that would lead elsewhere are refused', () => {
  assert.throws(() => new WorkTopics('a/+'), RangeError);
  assert.throws(() => topics.sharedWindows('a/b', model), RangeError);
  for (const name of ['#', 'a/b', '']) assert.throws(() => topics.worker(name), RangeError);
});
