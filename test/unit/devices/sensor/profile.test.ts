import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressMap, eventsFrom, neutouchB, rowProfile, sliceEvents } from '../../../../devices/index.js';

test('rows pass as they are; a row that the sensor has not is taken out and counted', () => {
  const batch = eventsFrom([
    [10, 0, 1],
    [20, 39, 1],
    [30, 38, 0],
    [40, 65_535, 0],
  ]);
  assert.equal(new AddressMap(rowProfile(neutouchB)).apply(batch), 2);
  assert.deepEqual(
    sliceEvents(batch),
    eventsFrom([
      [10, 0, 1],
      [30, 38, 0],
    ]),
  );
});

test('receptor numbers become rows: receptor 8 is absent on the second finger', () => {
  const batch = eventsFrom([
    [10, 7, 1],
    [20, 8, 1],
    [30, 9, 1],
    [40, 39, 0],
  ]);
  const map = new AddressMap({ geometry: neutouchB, addressing: 'raw', invertPolarity: false });
  assert.equal(map.apply(batch), 1);
  assert.deepEqual([...batch.taxel.subarray(0, batch.length)], [7, 8, 38]);
});

test('a device with the other sense of polarity is turned round', () => {
  const batch = eventsFrom([
    [10, 0, 1],
    [20, 1, 0],
  ]);
  new AddressMap({ ...rowProfile(neutouchB), invertPolarity: true }).apply(batch);
  assert.deepEqual([...batch.polarity], [0, 1]);
});
