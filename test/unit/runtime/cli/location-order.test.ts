/** `--order` of `whorl train`. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isPermutation, neutouchB, parseGeometry } from '../../../../devices/index.js';
import { learnedOrder } from '../../../../models/index.js';
import { chosenOrder, readOrder } from '../../../../runtime/cli/location-order.js';
import { readDataset } from '../../../../runtime/dataset/source.js';
import { temporaryFolder } from '../../../support/small-model.js';

const folder = temporaryFolder();
let files = 0;

function file(text: string): string {
  const path = join(folder, `order-${files++}.json`);
  writeFileSync(path, text);
  return `list:${path}`;
}

test('the orders of the geometry, by name', async () => {
  for (const name of ['row', 'arch', 'whorl', 'published-arch', 'published-whorl'])
    assert.deepEqual(await readOrder(name, neutouchB), neutouchB.orders[name]);
});

test('a random order, by its seed', async () => {
  const order = await readOrder('random:7', neutouchB);
  assert.ok(order !== 'learned' && isPermutation(order, 39));
  assert.deepEqual(await readOrder('random:7', neutouchB), order);
  assert.notDeepEqual(await readOrder('random:8', neutouchB), order);
});

test('a list from a file', async () => {
  const pad = parseGeometry({ id: 'pad', grid: { rows: 1, cols: 4, pitch: [2, 2] } });
  assert.deepEqual(await readOrder(file('[3, 0, 2, 1]'), pad), [3, 0, 2, 1]);
});

test('an order learned from the data; without touch that of the rows, with the reason', async () => {
  assert.equal(await readOrder('learned', neutouchB), 'learned');
  const data = await readDataset('simulator:seed=1,count=14', {});
  const { name, order, note } = chosenOrder('learned', 'learned', data);
  assert.equal(name, 'learned');
  assert.deepEqual(order, learnedOrder(data));
  assert.ok(isPermutation(order, 39));
  assert.equal(note, undefined);
  const nothing = chosenOrder('learned', 'learned', { ...data, windows: [] });
  assert.equal(nothing.name, 'row');
  assert.deepEqual(nothing.order, neutouchB.orders['row']);
  assert.match(nothing.note!, /does not tell .*; taking the order of the rows/);
  assert.deepEqual(chosenOrder('list:x', [2, 0, 1], data), { name: 'list:x', order: [2, 0, 1] });
});

test('what is no order is wrong usage, and says what there is or what is wrong with the file', async () => {
  for (const [name, message] of [
    ['spiral', /^--order: .*"spiral"; it has: row, arch, .*; or random:<seed>, list:<file.json>, learned$/],
    ['', /no location order ""/],
    ['learned:5', /no location order "learned:5"/],
    ['random', /seed of a random order must be a whole number, as in random:7, not ""/],
    ['random:x', /as in random:7, not "x"/],
    ['random:-1', /as in random:7, not "-1"/],
    ['random:1.5', /as in random:7, not "1\.5"/],
    ['list:/no/file.json', /^--order: list:\/no\/file\.json: ENOENT/],
    [file('[0, 1'), /order-\d\.json: .*JSON/],
    [file('{}'), /order-\d\.json: must be a JSON list that has each of 0 \.\. 38 once/],
    [file('[0, 1, 2]'), /must be a JSON list/],
    [file(JSON.stringify(Array(39).fill(0))), /must be a JSON list/],
  ] as const) {
    await assert.rejects(readOrder(name, neutouchB), { exitCode: 2, message }, name);
  }
});
