/** The disk that loses its power must lose what a disk may lose, or the tests on it prove nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeAtomically } from '../../../../runtime/durable/index.js';
import { MemoryDisk, PowerCut, type Survival } from '../../../support/memory-disk.js';

const everything: Survival = { name: () => true, permission: () => true, content: () => 'new' };
const leastOfAll: Survival = { name: () => false, permission: () => false, content: () => 'old' };
const namesOnly: Survival = { name: () => true, permission: () => false, content: () => 'torn' };

async function text(disk: MemoryDisk, path: string): Promise<string | undefined> {
  return (await disk.kind(path)) === undefined
    ? undefined
    : Buffer.from(await disk.read(path, 100)).toString();
}

test('without synchronising nothing is certain, neither content nor names', async () => {
  const disk = new MemoryDisk();
  await disk.write('/a', Buffer.from('1234'));
  assert.equal(await text(disk.afterCut(everything), '/a'), '1234');
  assert.equal(await text(disk.afterCut(leastOfAll), '/a'), undefined);
  assert.equal(await text(disk.afterCut(namesOnly), '/a'), '12');
  await disk.syncFile('/a');
  assert.equal(await text(disk.afterCut(leastOfAll), '/a'), undefined);
  await disk.syncFolder('/');
  assert.equal(await text(disk.afterCut(leastOfAll), '/a'), '1234');
});

test('a rename without synchronised content may leave a torn file under the new name', async () => {
  const disk = new MemoryDisk();
  await disk.write('/a', Buffer.from('1234'));
  await disk.rename('/a', '/b');
  assert.deepEqual(await disk.afterCut(namesOnly).list('/'), ['b']);
  assert.equal(await text(disk.afterCut(namesOnly), '/b'), '12');
});

test('a node is at one place, whichever changes survive', async () => {
  for (let kept = 0; kept < 16; kept++) {
    const disk = new MemoryDisk();
    await disk.makeFolder('/x');
    await disk.makeFolder('/y');
    await disk.syncFolder('/');
    await disk.makeFolder('/x/a');
    await disk.rename('/x/a', '/y/b');
    await disk.rename('/y/b', '/c');
    await disk.rename('/c', '/x/d');
    let i = 0;
    const after = disk.afterCut({ ...everything, name: () => ((kept >> i++) & 1) === 1 });
    const names = [...(await after.list('/x')), ...(await after.list('/y')), ...(await after.list('/'))];
    assert.equal(names.filter((name) => !'xy'.includes(name)).length, kept === 0 ? 0 : 1);
  }
});

test('the power fails after as many operations as were asked for, and for good', async () => {
  const disk = new MemoryDisk();
  disk.powerFor = 1;
  await disk.makeFolder('/a');
  await assert.rejects(disk.makeFolder('/b'), PowerCut);
  await assert.rejects(disk.makeFolder('/b'), PowerCut);
  assert.deepEqual(disk.operations, ['makeFolder /a']);
});

test('a file that is written atomically is old or new after every operation, and new once it is told', async () => {
  for (let power = 0; power <= 4; power++)
    for (const survival of [everything, leastOfAll, namesOnly]) {
      const disk = new MemoryDisk();
      await writeAtomically(disk, '/a', Buffer.from('old!'));
      disk.powerFor = disk.operations.length + power;
      const outcome = await writeAtomically(disk, '/a', Buffer.from('new!')).then(
        () => 'done',
        (error) => error.name,
      );
      assert.equal(outcome, power < 4 ? 'PowerCut' : 'done');
      const found = await text(disk.afterCut(survival), '/a');
      assert.ok(found === 'new!' || (found === 'old!' && power < 4), `${power}: ${found}`);
    }
});

test('a permission is certain once its file or folder was synchronised', async () => {
  const disk = new MemoryDisk();
  await disk.makeFolder('/a');
  await disk.syncFolder('/');
  await disk.setWritable('/a', false);
  await disk.afterCut(leastOfAll).makeFolder('/a/b');
  await assert.rejects(disk.afterCut(everything).makeFolder('/a/b'), { code: 'EACCES' });
  await disk.syncFolder('/a');
  await assert.rejects(disk.afterCut(leastOfAll).makeFolder('/a/b'), { code: 'EACCES' });
});

test('what is read-only stays as it is', async () => {
  const disk = new MemoryDisk();
  await disk.makeFolder('/a');
  await disk.write('/a/b', Buffer.from('1'));
  await disk.setWritable('/a', false);
  await disk.setWritable('/a/b', false);
  for (const change of [
    () => disk.write('/a/b', Buffer.from('2')),
    () => disk.remove('/a/b'),
    () => disk.rename('/a', '/c'),
    () => disk.write('/a/d', Buffer.from('3')),
  ])
    await assert.rejects(change, { code: 'EACCES' });
});
