import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ConfigWrite, writeConfigFile } from '../../../../runtime/config/index.js';
import { disk, type Processes } from '../../../../runtime/durable/index.js';
import { MemoryDisk, PowerCut, type Survival } from '../../../support/memory-disk.js';
import { temporaryFolder } from '../../../support/small-model.js';
import { putFile } from '../../../support/store-models.js';

const everything: Survival = { name: () => true, permission: () => true, content: () => 'new' };
const nothing: Survival = { name: () => false, permission: () => false, content: () => 'old' };
const torn: Survival = { name: () => true, permission: () => false, content: () => 'torn' };
const tornOnly: Survival = { name: () => false, permission: () => true, content: () => 'torn' };

const before = 'log: { level: info }\n';
const after = 'log: { level: debug } # longer, so that a torn one is neither\n';
const write: ConfigWrite = { file: '/whorl.yaml', before, after };

/** Each start is another process; those before are gone. */
let starts = 0;
function nextProcess(): Processes {
  const self = `process ${++starts}`;
  return { self, isAlive: (owner) => owner === self };
}

async function textOn(files: MemoryDisk, path = '/whorl.yaml'): Promise<string> {
  return Buffer.from(await files.read(path, 1e6)).toString();
}

/** What is wrong over all operations of a write and all that may survive a power cut after each. */
async function check(keep: boolean, liesAboutSync = false): Promise<number> {
  for (let power = 0; ; power++) {
    const files = new MemoryDisk();
    await putFile(files, '/whorl.yaml', before);
    files.liesAboutSync = liesAboutSync;
    files.powerFor = files.operations.length + power;
    const done = await writeConfigFile(files, { ...write, keep }, nextProcess()).then(
      () => true,
      (error) => {
        if (error instanceof PowerCut) return false;
        throw error;
      },
    );
    for (const survival of [everything, nothing, torn, tornOnly]) {
      const found = files.afterCut(survival);
      const text = await textOn(found);
      assert.ok(text === after || (!done && text === before), `${text} after ${files.operations.join(', ')}`);
      if (keep && text === after) assert.equal(await textOn(found, '/whorl.yaml.bak'), before);
      await writeConfigFile(found, { ...write, before: text, keep }, nextProcess()); // the next process goes on
      assert.equal(await textOn(found.afterCut(nothing)), after);
    }
    if (done) return power;
  }
}

test('whenever the power fails, the file is the old one or the new one, and it can be written again', async () => {
  assert.ok((await check(false)) >= 5);
  assert.ok((await check(true)) >= 9);
});

test('on a disk that lies about synchronising that does not hold, so the check can fail', async () => {
  await assert.rejects(check(false, true));
});

test('a file that somebody has changed meanwhile is left alone, and so is one that another process writes', async () => {
  const files = new MemoryDisk();
  await putFile(files, '/whorl.yaml', 'edge: { id: mine }\n');
  await assert.rejects(writeConfigFile(files, write), { code: 'file-changed' });
  const living: Processes = { self: 'a', isAlive: () => true };
  await files.link('b', '/.whorl.yaml.lock').catch(() => {});
  await assert.rejects(writeConfigFile(files, write, living), { code: 'file-busy' });
  assert.equal(await textOn(files), 'edge: { id: mine }\n');
});

test('the file that a link points to is written, with its permissions, and nothing is left beside it', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'etc'));
  const real = join(folder, 'etc', 'real.yaml');
  writeFileSync(real, before, { mode: 0o640 });
  const file = join(folder, 'whorl.yaml');
  symlinkSync(real, file);
  writeFileSync(`${real}.tmp`, 'left by a process that was killed', { mode: 0o400 });
  await writeConfigFile(disk, { file, before, after, keep: true });
  assert.equal(readFileSync(real, 'utf8'), after);
  assert.equal(statSync(real).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(join(folder, 'etc')), ['real.yaml', 'real.yaml.bak']);
});

test('a file that is kept replaces no other: it gets a number, and the same one is kept once', async () => {
  const files = new MemoryDisk();
  await putFile(files, '/whorl.yaml', before);
  await putFile(files, '/whorl.yaml.bak', 'somebody else kept this');
  const keeping = { ...write, keep: true };
  assert.equal(await writeConfigFile(files, keeping, nextProcess()), '/whorl.yaml.bak.1');
  await putFile(files, '/whorl.yaml', before);
  assert.equal(await writeConfigFile(files, keeping, nextProcess()), '/whorl.yaml.bak.1');
  await putFile(files, '/whorl.yaml', 'edge: { id: third }\n');
  const third = { ...keeping, before: 'edge: { id: third }\n' };
  assert.equal(await writeConfigFile(files, third, nextProcess()), '/whorl.yaml.bak.2');
  assert.equal(await textOn(files, '/whorl.yaml.bak'), 'somebody else kept this');
  assert.equal(await textOn(files, '/whorl.yaml.bak.1'), before);
});

test('what the system refuses is told with what to do', async () => {
  const files = new MemoryDisk();
  await putFile(files, '/whorl.yaml', before);
  files.writeError = 'EROFS';
  await assert.rejects(writeConfigFile(files, write), {
    code: 'cannot-write',
    remedy: /edit the file yourself .*systemd \/var\/lib\/whorl/,
  });
  files.writeError = 'EACCES';
  await assert.rejects(writeConfigFile(files, write), { remedy: /^let whorl write the file and its folder/ });
  await assert.rejects(writeConfigFile(files, { ...write, file: '/gone' }), { code: 'cannot-write' });
});
