import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type CONTACT_KINDS, type Geometry, neutouchB, parseGeometry } from '../../../../devices/index.js';
import { cellCount } from '../../../../models/index.js';
import { convert } from '../../../../runtime/convert/convert.js';
import { readCaptures } from '../../../../runtime/dataset/captures.js';
import { datasetPolicy } from '../../../../runtime/dataset/source.js';
import { openTouch } from '../../../../runtime/dataset/touch.js';
import { type ClosedWindow, Windower } from '../../../../runtime/window/index.js';
import { contactsOf, writeCapture } from '../../../support/capture.js';
import * as fc from '../../../support/fast-check.js';
import { writeRecordings } from '../../../support/npy.js';
import { temporaryFolder } from '../../../support/small-model.js';

const folder = temporaryFolder();
const input = { taxels: 39, channels: 2, bins: 50, binUs: 20_000 };

/** Windows of contacts as they come from a live sensor. */
function live(seed: number, count: number, kind: (typeof CONTACT_KINDS)[number]): number[][] {
  const windows: ClosedWindow[] = [];
  const windower = new Windower({
    input,
    sensors: 1,
    policy: datasetPolicy,
    onWindow: (w) => windows.push(w),
  });
  for (const { events, nextUs } of contactsOf(seed, count, [kind])) {
    windower.add(0, events);
    windower.advance(0, nextUs);
  }
  windower.flush();
  return windows.map(({ cells }) => [...cells]);
}

describe('captures as data', () => {
  test('a captured stream gives the windows that the live stream gave, under the label of its file', async () => {
    const place = join(folder, 'set');
    mkdirSync(join(place, 'deeper'), { recursive: true });
    await writeCapture(join(place, 'a_label_slip.capture'), contactsOf(3, 3, ['slip']));
    await writeCapture(join(place, 'deeper', 'b_label_press.capture'), contactsOf(4, 2, ['press']));
    await writeCapture(join(place, 'unlabelled.capture'), contactsOf(5, 1));
    writeFileSync(join(place, 'notes.txt'), 'not data');
    const data = await readCaptures(place, input, datasetPolicy);
    assert.deepEqual(data?.labels, ['press', 'slip']);
    assert.deepEqual(data.targets, [1, 1, 1, 0, 0]);
    assert.deepEqual(data.names, [
      'a_label_slip.capture window 0',
      'a_label_slip.capture window 1',
      'a_label_slip.capture window 2',
      'b_label_press.capture window 0',
      'b_label_press.capture window 1',
    ]);
    assert.deepEqual(
      data.windows.map(({ cells }) => [...cells]),
      [...live(3, 3, 'slip'), ...live(4, 2, 'press')],
    );
  });

  test('a capture that ends in a touch ends in a window', async () => {
    const path = join(folder, 'end_label_tap.capture');
    await writeCapture(path, contactsOf(9, 2, ['tap']), { abrupt: true });
    assert.equal((await readCaptures(path, input, datasetPolicy))?.windows.length, 2);
  });

  test('recordings of events give the windows that their captures give', async () => {
    const place = join(folder, 'events');
    mkdirSync(place);
    const capture = join(folder, 'a_label_slide.capture');
    await writeCapture(capture, contactsOf(3, 3, ['slide']));
    for (const ending of ['tact', 'csv', 'mat', 'aedat'])
      await convert(capture, join(place, `${ending}_label_slide.${ending}`), {
        binUs: 20_000,
        size: { width: 39, height: 1 },
      });
    const data = await readCaptures(place, input, datasetPolicy);
    const expected = live(3, 3, 'slide');
    assert.deepEqual(
      data?.windows.map(({ cells }) => [...cells]),
      [...expected, ...expected, ...expected, ...expected],
    );
    assert.deepEqual(data?.labels, ['slide']);
    const narrow = { ...input, taxels: 5 };
    const tact = join(place, 'tact_label_slide.tact');
    await assert.rejects(
      readCaptures(tact, narrow, datasetPolicy),
      /slide\.tact: line \d+: cell \d+ is not within 1\.\.5/,
    );
  });

  test('one file alone must carry its label', async () => {
    const path = join(folder, 'alone.capture');
    await writeCapture(path, contactsOf(1, 1));
    await assert.rejects(readCaptures(path, input, datasetPolicy), {
      name: 'NetworkError',
      message:
        /alone\.capture: the name does not end in _label_<label>\.capture \(or .*\), so its label is unknown/,
    });
  });

  test('a damaged capture is refused with its name', async () => {
    const path = join(folder, 'x_label_press.capture');
    await writeCapture(path, contactsOf(1, 1, ['press']));
    appendFileSync(path, Buffer.alloc(64, 0xff));
    await assert.rejects(
      readCaptures(path, input, datasetPolicy),
      /x_label_press\.capture: the capture is damaged/,
    );
    writeFileSync(path, 'something else');
    await assert.rejects(
      readCaptures(path, input, datasetPolicy),
      /x_label_press\.capture: this is no capture/,
    );
  });

  test('where there is no capture there is nothing', async () => {
    mkdirSync(join(folder, 'empty'));
    for (const path of [join(folder, 'empty'), join(folder, 'set', 'notes.txt'), '/no/such/place'])
      assert.equal(await readCaptures(path, input, datasetPolicy), undefined, path);
  });
});

async function all<T>(items: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function row(taxels: number): Geometry {
  return parseGeometry({ id: 'row', grid: { rows: 1, cols: taxels, pitch: [1, 1] } });
}

describe('recordings as touch', () => {
  test('a sliding window of their length meets each one whole, whatever is in it', async () => {
    const shape = fc.record({
      taxels: fc.integer({ min: 1, max: 5 }),
      bins: fc.integer({ min: 1, max: 9 }),
      binUs: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(1000, 20_000, 33_333)),
    });
    const anySet = shape.chain((size) => {
      const input = { ...size, channels: 2 };
      const cell = fc.nat(cellCount(input) - 1);
      const cells = fc.uniqueArray(cell, { maxLength: 30 });
      return fc.tuple(fc.constant(input), fc.array(cells, { minLength: 1, maxLength: 6 }));
    });
    const path = join(folder, 'any');
    await fc.assert(
      fc.asyncProperty(anySet, async ([input, windows]) => {
        rmSync(path, { recursive: true, force: true });
        writeRecordings(
          path,
          input,
          windows.map((cells) => ({ label: 0, cells })),
        );
        const touch = await openTouch(path, row(input.taxels), input.binUs);
        const met: ClosedWindow[] = [];
        const lengthUs = input.bins * input.binUs;
        const windower = new Windower({
          input,
          sensors: 1,
          policy: { kind: 'sliding', hopUs: lengthUs, emitEmpty: false },
          onWindow: (window) => met.push(window),
        });
        for await (const batch of touch.events) {
          assert.ok(batch.tUs.subarray(0, batch.length).every(Number.isInteger));
          windower.add(0, batch);
        }
        windower.advance(0, windows.length * lengthUs);
        const expected = windows.map((cells, k) => ({ k, cells: [...cells].sort((a, b) => a - b) }));
        assert.deepEqual(
          met.map(({ startUs, cells }) => ({ k: startUs / lengthUs, cells: [...cells] })),
          expected.filter(({ cells }) => cells.length > 0),
        );
      }),
      { numRuns: 40 },
    );
  });

  test('as many as were asked for, in the order of their numbers', async () => {
    const input = { taxels: 2, channels: 2, bins: 3, binUs: 20_000 };
    const path = join(folder, 'some');
    writeRecordings(
      path,
      input,
      [0, 1, 2].map((cell) => ({ label: 0, cells: [cell] })),
    );
    const { windows, events, about } = await openTouch(path, row(2), 20_000, 2);
    assert.deepEqual(windows, { input, count: 2 });
    assert.equal((await all(events)).length, 2);
    assert.equal(about, '2 recorded windows of 0.06 s');
  });

  test('recordings of another sensor, or of two, are refused', async () => {
    const path = join(folder, 'two');
    writeRecordings(path, { taxels: 2, channels: 4, bins: 3, binUs: 1 }, [{ label: 0, cells: [3] }]);
    await assert.rejects(openTouch(path, row(2)), { name: 'NetworkError', message: /4 polarities/ });
    await assert.rejects(openTouch(path, neutouchB), {
      name: 'NetworkError',
      message: /two has 2 taxels, geometry neutouch-b has 39: name another with --geometry/,
    });
  });
});

test('a recording of events as touch: from its first event on, at its own pace', async () => {
  const path = join(folder, 'touch.csv');
  writeFileSync(path, 't_us,taxel,polarity\n5000000,1,1\n5000250,0,0\n');
  const { events, about, windows } = await openTouch(path, row(2));
  const [batch] = await all(events);
  assert.deepEqual([...batch!.tUs.subarray(0, batch!.length)], [0, 250]);
  assert.deepEqual([about, windows], ['recorded touch of touch.csv', undefined]);
  const mat = join(folder, 'other.mat');
  await convert(path, mat, { binUs: 1, taxels: 3 });
  await assert.rejects(
    openTouch(mat, row(2)),
    /other\.mat has 3 taxels, the geometry has 2: name another with --geometry/,
  );
});

test('the simulator as touch: its contacts, no more than were asked for', async () => {
  const { events, about, windows } = await openTouch('simulator:seed=6,count=3', neutouchB);
  assert.deepEqual(
    await all(events),
    contactsOf(6, 3).map((contact) => contact.events),
  );
  assert.equal(about, 'simulated contacts, seed 6');
  assert.equal(windows, undefined);
  const two = await openTouch('simulator:seed=6,count=3', neutouchB, undefined, 2);
  assert.equal((await all(two.events)).length, 2);
});
