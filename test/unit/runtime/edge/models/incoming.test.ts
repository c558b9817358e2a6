import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { Incoming } from '../../../../../runtime/edge/models/incoming.js';
import { FakeClock } from '../../../../support/clock.js';
import { temporaryFolder } from '../../../../support/small-model.js';

function setUp() {
  const folder = join(temporaryFolder(), 'incoming');
  mkdirSync(folder);
  const handed: string[] = [];
  const faults: string[] = [];
  const before: number[] = [];
  const edge = { takes: true };
  const incoming = new Incoming({
    ...{ folder, clock: new FakeClock(), onFault: (reason) => faults.push(reason) },
    onFile: async (path, times) => {
      handed.push(basename(path));
      before.push(times);
      return edge.takes;
    },
  });
  return { folder, handed, before, edge, faults, incoming };
}

test('a file is handed on once, when it has not changed between two looks', async () => {
  const { folder, handed, incoming } = setUp();
  const file = join(folder, 'grasp.safetensors');
  writeFileSync(file, 'half');
  for (const name of ['notes.txt', '.hidden.safetensors']) writeFileSync(join(folder, name), '');
  mkdirSync(join(folder, 'folder.safetensors'));
  await incoming.look();
  appendFileSync(file, ' and the rest');
  await incoming.look();
  assert.deepEqual(handed, []);
  for (let i = 0; i < 3; i++) await incoming.look();
  assert.deepEqual(handed, ['grasp.safetensors']);
});

test('again when it, or its signature, is another one', async () => {
  const { folder, handed, incoming } = setUp();
  const file = join(folder, 'grasp.safetensors');
  const looks = async (): Promise<void> => {
    for (let i = 0; i < 2; i++) await incoming.look();
  };
  writeFileSync(file, 'one');
  await looks();
  writeFileSync(`${file}.sig`, 'signed');
  await looks();
  utimesSync(file, 1, 1);
  await looks();
  assert.equal(handed.length, 3);
  rmSync(file);
  await looks();
  writeFileSync(file, 'one');
  utimesSync(file, 1, 1);
  await looks();
  assert.equal(handed.length, 4, 'gone, and here again');
});

test('a file that was not taken comes again at each look, until it is', async () => {
  const { folder, before, edge, incoming } = setUp();
  const file = join(folder, 'grasp.safetensors');
  edge.takes = false;
  writeFileSync(file, 'one');
  for (let i = 0; i < 4; i++) await incoming.look();
  assert.deepEqual(before, [0, 1, 2]);
  utimesSync(file, 1, 1);
  for (let i = 0; i < 2; i++) await incoming.look();
  assert.deepEqual(before, [0, 1, 2, 0], 'another file under its name is a new one');
  edge.takes = true;
  for (let i = 0; i < 3; i++) await incoming.look();
  assert.deepEqual(before, [0, 1, 2, 0, 1]);
});

test('nothing is handed on after a stop, not even in the middle of a look', async () => {
  const { folder, handed, incoming, edge } = setUp();
  for (const name of ['a', 'b']) writeFileSync(join(folder, `${name}.safetensors`), '');
  await incoming.look();
  Object.defineProperty(edge, 'takes', {
    get: () => {
      incoming.stop();
      return true;
    },
  });
  await incoming.look();
  assert.deepEqual(handed, ['a.safetensors']);
});

test('a folder that cannot be read is told once, until it can', async () => {
  const { folder, faults, incoming } = setUp();
  rmSync(folder, { recursive: true });
  for (let i = 0; i < 3; i++) await incoming.look();
  assert.equal(faults.length, 1);
  assert.match(faults[0]!, /ENOENT/);
  mkdirSync(folder);
  await incoming.look();
  rmSync(folder, { recursive: true });
  await incoming.look();
  assert.equal(faults.length, 2);
});
