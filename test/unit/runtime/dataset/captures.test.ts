import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { CONTACT_KINDS } from '../../../../devices/index.js';
import { readCaptures } from '../../../../runtime/dataset/captures.js';
import { datasetPolicy } from '../../../../runtime/dataset/source.js';
import { type ClosedWindow, Windower } from '../../../../runtime/window/index.js';
import { contactsOf, writeCapture } from '../../../support/capture.js';
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

  test('one file alone must carry its label', async () => {
    const path = join(folder, 'alone.capture');
    await writeCapture(path, contactsOf(1, 1));
    await assert.rejects(readCaptures(path, input, datasetPolicy), {
      name: 'NetworkError',
      message: /alone\.capture: the name does not end in _label_<label>\.capture, so its label is unknown/,
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
