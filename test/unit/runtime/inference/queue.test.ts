import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NewestQueue, RoundRobin } from '../../../../runtime/inference/queue.js';

test('first in, first out', () => {
  const queue = new NewestQueue<number>(3);
  for (const item of [1, 2, 3]) assert.equal(queue.push(item), undefined);
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift(), queue.shift()], [1, 2, 3, undefined]);
});

test('the newest wins: a full queue gives up its oldest item', () => {
  const queue = new NewestQueue<number>(2);
  queue.push(1);
  queue.push(2);
  assert.equal(queue.push(3), 1);
  assert.equal(queue.push(4), 2);
  assert.equal(queue.first, 3);
  assert.deepEqual(queue.clear(), [3, 4]);
  assert.equal(queue.size, 0);
});

test('a queue without room is refused', () => {
  assert.throws(() => new NewestQueue(0), /give a whole number from 1/);
  assert.throws(() => new NewestQueue(1.5), RangeError);
});

test('members take turns, and one that is not ready is passed over', () => {
  const ring = new RoundRobin<string>();
  for (const name of ['a', 'b', 'c']) ring.add(name);
  const any = () => true;
  assert.deepEqual([ring.next(any), ring.next(any), ring.next(any), ring.next(any)], ['a', 'b', 'c', 'a']);
  assert.equal(
    ring.next((name) => name !== 'b'),
    'c',
  );
  assert.equal(
    ring.next(() => false),
    undefined,
  );
});

test('a busy member cannot starve the others', () => {
  const ring = new RoundRobin<string>();
  for (const name of ['busy', 'quiet', 'also']) ring.add(name);
  const turns = Array.from({ length: 9 }, (_, i) => ring.next((name) => name !== 'quiet' || i % 3 === 1));
  assert.ok(turns.includes('quiet'));
  assert.ok(turns.filter((name) => name === 'also').length >= 3);
});

test('removing a member keeps the turn of the others', () => {
  const ring = new RoundRobin<string>();
  for (const name of ['a', 'b', 'c']) ring.add(name);
  const any = () => true;
  ring.next(any);
  ring.next(any);
  ring.remove('a');
  ring.remove('nobody');
  assert.deepEqual([ring.next(any), ring.next(any)], ['c', 'b']);
});
