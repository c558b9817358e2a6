import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { agniDriver, type Driver } from '../../../../devices/index.js';
import { heard } from '../../../support/driver-recorder.js';
import { concat, toHex } from '../../../support/tef.js';
import { agniConfig, agniDatagram, gloveDatagram, picFrame, text } from '../../../support/wire-formats.js';

describe('AGNI', () => {
  const driver = (): Driver => agniDriver({ taxels: 2, threshold: 50 });

  test('is asked for its configuration, which says how long its datagrams are', () => {
    const [config, other] = [
      agniConfig([
        [1, 6],
        [9, 3],
      ]),
      agniDatagram(2, [0, 0, 0, 0, 1, 2, 3]),
    ];
    assert.equal(toHex(driver().describe!()), 'f0c400c0f4');
    assert.equal(toHex(driver().start!()), 'f0c400f1c5');
    const recorder = heard(
      driver(),
      text('send a request\r\n'),
      config,
      other,
      gloveDatagram(1, [4095, 4000]),
    );
    assert.deepEqual(recorder.only('identity'), [
      ['identity', { driver: 'agni-sp', name: 'AGNI device 7 with 2 sensors', firmware: '2' }],
    ]);
    assert.deepEqual(recorder.frames, [[0, 95]]);
    assert.deepEqual(recorder.only('discard'), [['discard', 'sync', 16]]);
  });

  test('datagrams that were not announced, damage, and errors', () => {
    const unknown = agniDatagram(2, [0, 0, 0, 0, 1, 2, 3]);
    const damaged = gloveDatagram(1, [4095, 4000]);
    damaged[8]! ^= 1;
    const good = gloveDatagram(1, [1, 4095]);
    const recorder = heard(driver(), unknown, good, damaged, good, agniDatagram(0xfe, [2, 0x6e, 0x6f]));
    assert.deepEqual(recorder.only('discard'), [
      ['discard', 'type', unknown.length],
      ['discard', 'crc', damaged.length],
    ]);
    assert.deepEqual(recorder.only('log'), [['log', 'no']]);
    const surplus = agniDatagram(1, [0, 0, 0, 0, 9, 1, 0, 1, 1, 0]);
    assert.deepEqual(heard(driver(), surplus).only('reject'), [['reject', 'taxel', 1]]);
  });

  test('the older glove: a frame with a taxel missing is a loss', () => {
    const whole = picFrame(Array(64).fill(4000));
    const holed = concat(whole.subarray(0, 50), whole.subarray(55));
    const headless = whole.subarray(5);
    const open = whole.subarray(0, 315);
    const recorder = heard(
      agniDriver({ protocol: 'pic', threshold: 50 }),
      ...[whole.subarray(100), whole, holed, whole, headless, open, whole],
    );
    assert.equal(recorder.frames.length, 3);
    assert.equal(recorder.only('gap').length, 3);
    assert.equal(recorder.discardedBytes, 0);
  });
});
