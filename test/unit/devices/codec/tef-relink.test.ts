import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventsFrom, TefDecoder, type TefDecoderOptions, TefEncoder } from '../../../../devices/index.js';
import { concat, hello, Recorder } from '../../../support/tef.js';

const known: TefDecoderOptions = { taxels: 39, tickNs: 1000 };
const one = eventsFrom([[5000, 3, 1]]);

describe('frames that were lost while the link was away', () => {
  /** What is told of a link after one on which a device with this HELLO sent three frames. */
  function afterRelink(later: (encoder: TefEncoder) => Uint8Array): unknown[][] {
    const recorder = new Recorder();
    const decoder = new TefDecoder(known);
    const encoder = new TefEncoder();
    decoder.push(concat(encoder.hello(hello), encoder.events(one), encoder.events(one)), recorder);
    decoder.reset(recorder);
    encoder.events(one);
    encoder.status({ uptimeTicks: 6000, events: 2, dropped: 0, overruns: 0 });
    decoder.push(later(encoder), recorder);
    return recorder.only('gap');
  }

  test('are a gap when the device says that it is the same and has not started again', () => {
    const gaps = afterRelink((encoder) => concat(encoder.events(one), encoder.hello(hello)));
    assert.deepEqual(gaps, [['gap', 'frames', 2]]);
  });

  test('are told once', () => {
    const gaps = afterRelink((encoder) => concat(encoder.hello(hello), encoder.hello(hello)));
    assert.deepEqual(gaps, [['gap', 'frames', 2]]);
  });

  test('are not known when it has started again, is another one, or does not say who it is', () => {
    const { bootId, uid } = hello;
    for (const other of [
      { bootId: bootId + 1, uid },
      { bootId, uid: '0102030405060709' },
    ])
      assert.deepEqual(
        afterRelink((encoder) => encoder.hello({ ...hello, ...other })),
        [],
      );
    assert.deepEqual(
      afterRelink((encoder) => encoder.events(one)),
      [],
    );
  });

  test('are not known of a device whose numbers begin anew with each link', () => {
    assert.deepEqual(
      afterRelink(() => new TefEncoder().hello(hello)),
      [],
    );
  });

  test('are not known when another link lay between on which it did not say who it was', () => {
    const recorder = new Recorder();
    const decoder = new TefDecoder(known);
    const encoder = new TefEncoder();
    decoder.push(encoder.hello(hello), recorder);
    decoder.reset(recorder);
    decoder.push(encoder.events(one), recorder);
    decoder.reset(recorder);
    decoder.push(encoder.hello(hello), recorder);
    assert.deepEqual(recorder.only('gap'), []);
  });
});
