/** Simulated data of two fingers, and of the slip task. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { neutouchB, simulateGrasps } from '../../../../devices/index.js';
import { type Dataset, seededRandom, windowFromCells } from '../../../../models/index.js';
import { simulatedDataset } from '../../../../runtime/dataset/simulated.js';
import { slipDataset } from '../../../../runtime/dataset/slip.js';
import { datasetPolicy, readDataset, windowing } from '../../../../runtime/dataset/source.js';
import { openTouch } from '../../../../runtime/dataset/touch.js';

const contacts = (fingers: 1 | 2, count = 7): Dataset =>
  simulatedDataset({
    geometry: neutouchB,
    input: { bins: 50, binUs: 20_000 },
    seed: 5,
    count,
    fingers,
    policy: datasetPolicy,
  });

/** Cells of each window in the channels of one finger, as a window of that finger alone would have them. */
function ofFinger({ windows }: Dataset, finger: number): number[][] {
  return windows.map(({ cells }) =>
    [...cells]
      .filter((cell) => Math.floor((cell % 4) / 2) === finger)
      .map((cell) => Math.floor(cell / 4) * 2 + (cell % 2)),
  );
}

/** Share of the cells of one window that another has too. */
function overlap(a: readonly number[], b: readonly number[]): number {
  const other = new Set(b);
  return a.filter((cell) => other.has(cell)).length / a.length;
}

describe('contacts between two fingers', () => {
  const two = contacts(2);

  test('each contact gives one window, with both fingers in channels of their own', () => {
    assert.deepEqual(two.input, { taxels: 39, channels: 4, bins: 50, binUs: 20_000 });
    assert.equal(two.windows.length, 7);
    assert.deepEqual(new Set(two.targets), new Set(two.labels.keys()));
    for (const finger of [0, 1])
      assert.ok(
        ofFinger(two, finger).every((cells) => cells.length > 10),
        `finger ${finger}`,
      );
  });

  test('the first finger has, but for the onset, the windows that it has alone', () => {
    const alone = contacts(1).windows.map(({ cells }) => [...cells]);
    const shared = ofFinger(two, 0).map((cells, i) => overlap(cells, alone[i]!));
    // The onset of two fingers is found a few ms earlier, which moves some events into another bin.
    assert.ok(shared.reduce((a, b) => a + b, 0) / shared.length > 0.5, String(shared));
    assert.deepEqual(two.targets, contacts(1).targets);
  });

  test('the same seed gives the same windows, however many', () => {
    const cells = ({ windows }: Dataset) => windows.map((window) => [...window.cells]);
    assert.deepEqual(cells(contacts(2, 3)), cells(two).slice(0, 3));
  });
});

describe('the slip task', () => {
  const options = { geometry: neutouchB, input: { bins: 150, binUs: 1000 }, seed: 3, fingers: 2 } as const;
  const data = slipDataset({ ...options, count: 20 });

  test('has the published shape and two classes, one of each in every two windows', () => {
    assert.deepEqual(data.input, { taxels: 39, channels: 4, bins: 150, binUs: 1000 });
    assert.deepEqual(data.labels, ['stable', 'slip']);
    assert.equal(data.windows.length, 20);
    for (let i = 0; i < 20; i += 2) assert.equal(data.targets[i]! + data.targets[i + 1]!, 1);
    for (const [i, name] of data.names.entries())
      assert.match(name, new RegExp(`^contact ${i} ${data.targets[i] === 1 ? 'slip' : 'hold'} \\w+$`));
  });

  test('a window holds the events of both fingers from at most 30 ms before the strain, each in its bin and channel', () => {
    const sequence = { geometry: neutouchB, seed: 3, count: 20, kinds: ['hold', 'slip'] } as const;
    const random = seededRandom(3);
    for (const [i, fingers] of [...simulateGrasps(sequence, [0, 1])].entries()) {
      const { startUs, strainedUs } = fingers[0]!;
      const fromUs = startUs + strainedUs! - Math.floor(30_000 * random());
      const expected = fingers.flatMap(({ events: { tUs, taxel, polarity } }, finger) =>
        [...tUs.keys()]
          .filter((e) => tUs[e]! >= fromUs && tUs[e]! < fromUs + 150_000)
          .map((e) => {
            const bin = Math.floor((tUs[e]! - fromUs) / 1000);
            return (bin * 39 + taxel[e]!) * 4 + 2 * finger + (polarity[e] === 1 ? 0 : 1);
          }),
      );
      assert.deepEqual(data.windows[i], windowFromCells(data.input, expected), `window ${i}`);
    }
    for (const finger of [0, 1]) assert.ok(ofFinger(data, finger).every((cells) => cells.length > 30));
  });

  test('the same seed gives the same windows, however many; another seed others', () => {
    const cells = (change: object) =>
      slipDataset({ ...options, count: 4, ...change }).windows.map((window) => [...window.cells]);
    assert.deepEqual(
      cells({}),
      data.windows.slice(0, 4).map((window) => [...window.cells]),
    );
    assert.notDeepEqual(cells({ seed: 4 }), cells({}));
  });

  test('one finger gives two channels', () => {
    const one = slipDataset({ ...options, fingers: 1, count: 2 });
    assert.equal(one.input.channels, 2);
    assert.deepEqual(
      one.windows.map(({ cells }) => [...cells]),
      ofFinger(data, 0).slice(0, 2),
    );
  });

  test('is 150 bins of 1 ms by itself, and what is asked for otherwise, up to a second', async () => {
    const source = 'simulator:task=slip,fingers=2,seed=3,count=2';
    let done = 0;
    const read = await readDataset(source, { onProgress: (share) => (done = share) });
    assert.equal(done, 1);
    assert.deepEqual(read.windows, data.windows.slice(0, 2));
    assert.equal((await readDataset(source, { bins: 30, binUs: 5000 })).input.bins, 30);
    await assert.rejects(readDataset(source, { bins: 50, binUs: 40_000 }), {
      name: 'NetworkError',
      message: /slip task is 2 s long; give 1 s at most/,
    });
    const { bins, binUs } = (await readDataset('simulator:count=1', {})).input;
    assert.deepEqual([bins, binUs], [50, 20_000]);
  });

  test('its windowing is told; it cannot be played as touch of one sensor', async () => {
    assert.deepEqual(windowing('simulator:task=slip'), { kind: 'strain', leadUs: 30_000 });
    assert.equal(windowing('simulator')['kind'], 'onset');
    assert.equal(windowing('recordings.zip')['kind'], 'onset');
    for (const source of ['simulator:task=slip', 'simulator:fingers=2'])
      await assert.rejects(openTouch(source, neutouchB), {
        name: 'NetworkError',
        message: /data for train and eval; touch of one sensor has neither task=slip nor fingers=2/,
      });
  });
});
