/** Commands about models at an edge: who is asked first, and what is not sent at all. */
import assert from 'node:assert/strict';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEdge } from '../../../../runtime/cli/models/running.js';
import { readModelFile } from '../../../../runtime/cli/models/upload.js';
import { FakeClock } from '../../../support/clock.js';
import { fakeLinks } from '../../../support/fake-link.js';
import { settle } from '../../../support/fake-publisher.js';
import { temporaryFolder } from '../../../support/small-model.js';

/** `models` asked of an edge; the broker lets us in, and the edge says what the test says. */
async function asking() {
  const clock = new FakeClock();
  const { open, links } = fakeLinks();
  const choice = { edge: 'e1', broker: 'mqtt://robot:1883', set: ['mqtt.version=5'] };
  const asked = atEdge(choice, (edge) => edge.ask('models'), { clock, open, id: 'abc' });
  const link = links[0]!.accept();
  await settle();
  const answer = (transaction: string, body: object): void =>
    void link.deliver({
      topic: 'tactile/reply/abc',
      payload: Buffer.from(JSON.stringify({ command: 'any', status: 'ok', transaction, ...body })),
    });
  return { clock, link, asked, answer };
}

test('an edge that does not answer a ping is asked nothing else, and nobody waits long for it', async () => {
  const { clock, link, asked } = await asking();
  const told = assert.rejects(asked, {
    message:
      /^edge e1 did not answer within 12 s .*\n {2}asked was edge 'e1' at mqtt:.*\n.*or a folder with --store$/s,
  });
  clock.advance(12_000);
  await told;
  assert.deepEqual(link.topics, ['cmd/ping']);
});

test('one that does has time for what it is asked', async () => {
  const { clock, link, asked, answer } = await asking();
  answer('abc-0', {});
  await settle();
  clock.advance(600_000);
  answer('abc-1', { data: 'done' });
  assert.equal(await asked, 'done');
  assert.deepEqual(link.topics, ['cmd/ping', 'cmd/models']);
});

test('a file that no edge would take is refused by its name, before anything is sent', async () => {
  const folder = temporaryFolder();
  const file = (name: string, bytes: number): string => {
    const path = join(folder, name);
    writeFileSync(path, '');
    truncateSync(path, bytes); // takes no room on the disk
    return path;
  };
  mkdirSync(join(folder, 'folder'));
  await assert.rejects(readModelFile(join(folder, 'folder')), /folder: is not a file$/);
  await assert.rejects(readModelFile(join(folder, 'absent')), /no such file or directory, .*absent'$/);
  await assert.rejects(readModelFile(file('empty', 0)), /empty: is empty; copy the file again, whole$/);
  await assert.rejects(
    readModelFile(file('huge', 20e9)),
    /huge: has 20000000000 bytes, more than the 536870912/,
  );
  assert.equal((await readModelFile(file('small', 3))).length, 3);
});
