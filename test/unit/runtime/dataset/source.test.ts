import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CONTACT_KINDS, neutouchB, parseGeometry, type SequencedContact } from '../../../../devices/index.js';
import { contactOf, type SimulatedOptions, simulatedDataset } from '../../../../runtime/dataset/simulated.js';
import {
  datasetPolicy,
  parseSimulator,
  readDataset,
  readDatasetFor,
} from '../../../../runtime/dataset/source.js';
import { writeCapture } from '../../../support/capture.js';
import { writeRecordings } from '../../../support/npy.js';
import { temporaryFolder } from '../../../support/small-model.js';

const folder = temporaryFolder();
const input = { taxels: 3, channels: 2, bins: 4, binUs: 20_000 };

describe('the simulator by name', () => {
  test('defaults, and each setting', () => {
    const all = { task: 'contacts', fingers: 1, seed: 1, count: 140, kinds: CONTACT_KINDS };
    assert.deepEqual(parseSimulator('simulator'), all);
    assert.deepEqual(parseSimulator('simulator:'), all);
    assert.deepEqual(parseSimulator('simulator:seed=7,count=20,kinds=tap+press'), {
      ...all,
      seed: 7,
      count: 20,
      kinds: ['tap', 'press'],
    });
    assert.deepEqual(parseSimulator('simulator:task=slip,fingers=2'), { ...all, task: 'slip', fingers: 2 });
    assert.deepEqual(parseSimulator('simulator:kinds=tap+press+tap')?.kinds, ['tap', 'press']);
  });

  test('anything else is not the simulator', () => {
    for (const source of ['simulators', 'simulator.zip', './simulator', 'sim:seed=1', ''])
      assert.equal(parseSimulator(source), undefined, source);
  });

  test('what it cannot do is refused, with what it can', () => {
    for (const [settings, message] of [
      ['speed=2', /unknown setting "speed"; there are task, fingers, seed, count and kinds/],
      ['task=grip', /task must be contacts or slip, not "grip"/],
      ['fingers=3', /fingers must be 1 or 2, not "3"/],
      ['fingers', /fingers must be 1 or 2, not ""/],
      ['task=slip,kinds=press', /slip task has kinds of its own; leave kinds out/],
      ['seed', /seed must be a whole number, not ""/],
      ['seed=-1', /seed must be a whole number/],
      ['seed=1=2', /seed must be a whole number, not "1=2"/],
      ['count=2.5', /count must be a whole number/],
      ['count=0', /count 0 is not within 1\.\.1000000/],
      ['count=1000001', /not within/],
      ['kinds=', /no kind of contact ""; there are press, tap/],
      ['kinds=press+poke', /no kind of contact "poke"/],
    ] as const)
      assert.throws(() => parseSimulator(`simulator:${settings}`), { name: 'NetworkError', message });
  });
});

describe('data for a network', () => {
  const recordings = join(folder, 'recordings');
  writeRecordings(recordings, input, [
    { label: 0, cells: [1] },
    { label: 2, cells: [2, 5] },
  ]);

  test('labels are matched by number where the data has only numbers', async () => {
    const data = await readDatasetFor(recordings, { input, labels: ['press', 'slip', 'none'] });
    assert.deepEqual(data.targets, [0, 2]);
    assert.deepEqual(data.labels, ['press', 'slip', 'none']);
    assert.deepEqual(
      data.windows.map(({ cells }) => [...cells]),
      [[1], [2, 5]],
    );
  });

  test('labels are matched by name first, though they look like numbers', async () => {
    const data = await readDatasetFor(recordings, { input, labels: ['2', '1', '0'] });
    assert.deepEqual(data.targets, [2, 0]);
    const simulated = { taxels: 39, channels: 2, bins: 50, binUs: 20_000 };
    const touch = await readDatasetFor('simulator:seed=3,count=6,kinds=tap+press', {
      input: simulated,
      labels: ['press', 'none', 'tap'],
    });
    const said = touch.names.map((name) => /contact \d+ (\w+)/.exec(name)![1]);
    assert.deepEqual(
      touch.targets.map((target) => touch.labels[target]),
      said,
    );
    assert.deepEqual(new Set(said), new Set(['press', 'tap']));
  });

  test('a label that the network does not know is refused, but only where a window has it', async () => {
    await assert.rejects(readDatasetFor(recordings, { input, labels: ['press', 'slip'] }), {
      name: 'NetworkError',
      message: /recordings has the label "2", which the model does not know; it knows press, slip/,
    });
    const gaps = join(folder, 'gaps');
    writeRecordings(gaps, input, [{ label: 1, cells: [0] }]);
    assert.deepEqual((await readDatasetFor(gaps, { input, labels: ['a', '1'] })).targets, [1]);
  });

  test('windows of another shape are refused, with both shapes', async () => {
    const labels = ['a', 'b', 'c'];
    await assert.rejects(readDatasetFor(recordings, { input: { ...input, bins: 9 }, labels }), {
      name: 'NetworkError',
      message: /3 taxels, 2 channels and 4 bins; the model looks at 3 taxels, 2 channels and 9 bins/,
    });
    const sensor = { taxels: 16, channels: 2, bins: 50, binUs: 20_000 };
    await assert.rejects(readDatasetFor('simulator:count=1', { input: sensor, labels }), /39 taxels/);
  });

  test('another sensor can be simulated', async () => {
    const pad = parseGeometry({ id: 'pad', grid: { rows: 4, cols: 4, pitch: [3, 3] } });
    const network = { input: { taxels: 16, channels: 2, bins: 50, binUs: 20_000 }, labels: ['press'] };
    const data = await readDatasetFor('simulator:count=4,kinds=press', network, { geometry: pad });
    assert.ok(data.windows.length > 0);
    assert.ok(data.windows.every(({ cells }) => cells.every((cell) => cell < 50 * 16 * 2)));
  });

  test('no windows, no files, no such place: each says so', async () => {
    const network = { input: { taxels: 39, channels: 2, bins: 50, binUs: 20_000 }, labels: ['press'] };
    const untouched = join(folder, 'untouched_label_press.capture');
    await writeCapture(untouched, []);
    await assert.rejects(readDatasetFor(untouched, network), /untouched_label_press\.capture has no windows/);
    await assert.rejects(readDataset('/no/such/place', { bins: 4, binUs: 1 }), /no such file or directory/);
  });
});

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
