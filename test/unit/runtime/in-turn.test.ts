import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turn } from '../../../runtime/in-turn.js';
import { settled } from '../../support/scripted-worker.js';

test('one after the other, each with its own outcome; one that fails holds up nobody', async () => {
  const turn = new Turn();
  const begun: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const work = (number: number) =>
    turn.take(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(number);
          ends.push((error) => (error === undefined ? resolve(number) : reject(error)));
        }),
    );
  const [one, two, three] = [work(1), work(2), work(3)];
  await settled();
  assert.deepEqual(begun, [1]);
  ends[0]!();
  assert.equal(await one, 1);
  await settled();
  assert.deepEqual(begun, [1, 2]);
  ends[1]!(new Error('broken'));
  await assert.rejects(two, /broken/);
  await settled();
  ends[2]!();
  assert.equal(await three, 3);
});
