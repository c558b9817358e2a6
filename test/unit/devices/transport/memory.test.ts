import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryPair } from '../../../../devices/index.js';

test('a writer that never rests learns that the other end has closed', async () => {
  const [near, far] = memoryPair();
  let closed = false;
  await far.open({ data: () => {}, closed: () => {} });
  await near.open({
    data: () => {},
    closed: () => {
      closed = true;
    },
  });
  await far.close();
  // Writes that were done at once, turn after turn, would never let the news in.
  let writes = 0;
  while (!closed && writes < 100_000) {
    await near.write(Uint8Array.of(1));
    writes++;
  }
  assert.ok(closed, `nothing was told during ${writes} writes`);
  await near.close();
});
