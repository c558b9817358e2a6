import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { neutouchB, type SequencedContact } from '../../../../devices/index.js';
import { contactOf, type SimulatedOptions, simulatedDataset } from '../../../../runtime/dataset/simulated.js';
import { datasetPolicy } from '../../../../runtime/dataset/source.js';

const options: SimulatedOptions = {
  geometry: neutouchB,
  input: { bins: 50, binUs: 20_000 },
  seed: 5,
  count: 14,
  policy: datasetPolicy,
};

describe('simulated data', () => {
  test('each contact gives its window, labelled with its kind; all kinds occur', () => {
    let done = 0;
    const data = simulatedDataset({ ...options, onProgress: (contacts) => (done = contacts) });
    assert.equal(done, 14);
    assert.equal(data.windows.length, 14);
    assert.deepEqual(new Set(data.targets), new Set(data.labels.keys()));
    for (const [i, name] of data.names.entries())
      assert.match(name, new RegExp(`^window ${i} contact ${i} ${data.labels[data.targets[i]!]} \\w`));
    assert.ok(data.windows.every(({ cells }) => cells.length > 10));
  });

  test('the same seed gives the same data, another seed other data', () => {
    const cells = (seed: number): number[][] =>
      simulatedDataset({ ...options, seed, count: 3 }).windows.map((window) => [...window.cells]);
    assert.deepEqual(cells(5), cells(5));
    assert.notDeepEqual(cells(5), cells(6));
    assert.deepEqual(
      cells(5),
      simulatedDataset(options)
        .windows.slice(0, 3)
        .map((window) => [...window.cells]),
    );
  });

  test('the labels are the kinds that were asked for, in their order', () => {
    const data = simulatedDataset({ ...options, kinds: ['tap', 'press'] });
    assert.deepEqual(data.labels, ['tap', 'press']);
    assert.deepEqual(new Set(data.targets), new Set([0, 1]));
  });
});

test('the contact of a window is the one under way when its burst was complete', () => {
  const contacts = [
    { startUs: 0, nextUs: 1_000_000 },
    { startUs: 1_000_000, nextUs: 2_000_000 },
  ] as SequencedContact[];
  const { preRollUs, intervalUs } = datasetPolicy;
  const at = (burstUs: number): number => {
    const contact = contactOf(contacts, { startUs: burstUs - preRollUs - intervalUs }, datasetPolicy);
    return contact === undefined ? -1 : contacts.indexOf(contact);
  };
  assert.deepEqual([-1, 0, 999_999, 1_000_000, 1_999_999, 2_000_000].map(at), [-1, 0, 0, 1, 1, -1]);
});
