import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsFrom, TefDecoder, TefEncoder } from '../../../devices/index.js';
import * as fc from '../../support/fast-check.js';
import { concat, hello, Recorder } from '../../support/tef.js';

const known = { taxels: 39, tickNs: 1000 };

/** Pushes the bytes, cut at the given places, and checks after every chunk that each byte is accounted for. */
function decode(bytes: Uint8Array, cuts: readonly number[] = []): Recorder {
  const recorder = new Recorder();
  const decoder = new TefDecoder(known);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    decoder.push(bytes.slice(from, to), recorder);
    from = to;
    assert.equal(decoder.accepted + recorder.discardedBytes + decoder.buffered, to);
    assert.ok(decoder.buffered < 512);
  }
  return recorder;
}

/** Device times as gaps: dense, like a burst, and sparse, over wraps of the clock. */
const gap = fc.oneof(fc.nat(3), fc.nat(300), fc.nat(100_000), fc.nat(0x7fff_ffff));
const event = fc.tuple(gap, fc.nat(38), fc.nat(1));
const events = fc.array(event, { maxLength: 300 }).map((list) => {
  let time = 0;
  return list.map(([delta, taxel, on]): [number, number, number] => {
    time += delta;
    return [time, taxel, on];
  });
});

/** A link's bytes: all kinds of frames, with damage of all kinds between and in them. */
const wire = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: events.map((rows) => new TefEncoder({ frameBytes: 64 }).events(eventsFrom(rows))),
      },
      { weight: 2, arbitrary: events.map((rows) => new TefEncoder().scan(eventsFrom(rows))) },
      { weight: 1, arbitrary: fc.constant(new TefEncoder().hello(hello)) },
      {
        weight: 1,
        arbitrary: fc
          .record({ uptimeTicks: fc.maxSafeNat(), events: fc.nat(), dropped: fc.nat(), overruns: fc.nat() })
          .map((status) => new TefEncoder().status(status)),
      },
      { weight: 1, arbitrary: fc.array(fc.integer()).map((values) => new TefEncoder().levels(5, 0, values)) },
      { weight: 2, arbitrary: fc.uint8Array({ maxLength: 80 }) },
      { weight: 1, arbitrary: fc.integer({ min: 400, max: 1400 }).map((n) => new Uint8Array(n).fill(3)) },
      { weight: 1, arbitrary: fc.constant(new TefEncoder().describe()) },
    ),
    { maxLength: 12 },
  )
  .map((parts) => concat(...parts))
  .chain((bytes) =>
    fc
      .array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'insert', 'delete')), { maxLength: 6 })
      .map((changes) => {
        const list = [...bytes];
        for (const [at, byte, how] of changes) {
          const place = list.length === 0 ? 0 : at % list.length;
          if (how === 'set' && list.length > 0) list[place] = byte;
          else if (how === 'insert') list.splice(place, 0, byte);
          else list.splice(place, 1);
        }
        return Uint8Array.from(list);
      }),
  );

test('what an encoder writes is what a decoder reads, at any frame size and tick', () => {
  const options = fc.record({
    frameBytes: fc.integer({ min: 32, max: 255 }),
    tickNs: fc.constantFrom(1, 125, 300, 1000, 10_000),
  });
  fc.assert(
    fc.property(events, options, fc.boolean(), (rows, { frameBytes, tickNs }, scan) => {
      const timed = rows.map(([ticks, taxel, on]) => [(ticks * tickNs) / 1000, taxel, on] as const);
      const encoder = new TefEncoder({ frameBytes, tickNs });
      const recorder = new Recorder();
      const decoder = new TefDecoder({ tickNs, taxels: 39 });
      const batch = eventsFrom(timed);
      decoder.push(scan ? encoder.scan(batch) : encoder.events(batch), recorder);
      assert.deepEqual(recorder.only('discard', 'gap', 'reject'), []);
      const got = recorder.eventRows;
      assert.equal(got.length, rows.length);
      for (const [i, [time, taxel, on]] of timed.entries()) {
        // The first event of an epoch is taken as it stands on the wire, modulo 2^32 ticks.
        const expected = time - (Math.floor(rows[0]![0] / 2 ** 32) * 2 ** 32 * tickNs) / 1000;
        assert.ok(Math.abs(got[i]![0] - expected) <= 1e-9 * expected, `${got[i]![0]} for ${expected}`);
        assert.deepEqual(got[i]!.slice(1), [taxel, on]);
      }
    }),
  );
});

test('bytes in = bytes of frames + bytes discarded + bytes held, for any input at any cut', () => {
  fc.assert(
    fc.property(wire, fc.array(fc.nat(), { maxLength: 20 }), (bytes, cuts) => void decode(bytes, cuts)),
    {
      numRuns: 300,
    },
  );
});

test('the cut makes no difference', () => {
  fc.assert(
    fc.property(wire, fc.array(fc.nat(), { maxLength: 20 }), (bytes, cuts) => {
      assert.deepEqual(decode(bytes, cuts).calls, decode(bytes).calls);
    }),
    { numRuns: 300 },
  );
});

test('byte by byte is no different either', () => {
  fc.assert(
    fc.property(wire, (bytes) => {
      const everywhere = Array.from(bytes, (_, i) => i);
      assert.deepEqual(decode(bytes, everywhere).calls, decode(bytes).calls);
    }),
    { numRuns: 60 },
  );
});

test('after any garbage, one delimiter puts it right', () => {
  const good = new TefEncoder().hello(hello);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1500 }), (garbage) => {
      const recorder = decode(concat(garbage, Uint8Array.of(0), good));
      assert.deepEqual(recorder.calls.at(-1), ['hello', hello, false]);
    }),
  );
});

test('times of events and of the clock stay finite and taxels in range, whatever is fed', () => {
  fc.assert(
    fc.property(wire, (bytes) => {
      for (const [time, taxel, on] of decode(bytes).eventRows)
        assert.ok(Number.isFinite(time) && time >= 0 && taxel < 39 && on < 2);
    }),
    { numRuns: 200 },
  );
});
