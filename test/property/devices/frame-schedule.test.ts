import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsFrom, TefDecoder, TefEncoder, tefSink } from '../../../devices/index.js';
import { FrameSchedule } from '../../../devices/simulator/frame-schedule.js';
import * as fc from '../../support/fast-check.js';

type Row = [number, number, number];

const taxels = 300;
const rows: fc.Arbitrary<Row[]> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.nat(taxels - 1), fc.constantFrom(0, 1)), {
    maxLength: 300,
  })
  .map((steps) => {
    let tUs = 0;
    return steps.map(([gapUs, taxel, polarity]): Row => {
      tUs += gapUs % 97 === 0 ? gapUs * 40 : gapUs;
      return [tUs, taxel, polarity];
    });
  });
const setups = fc.record({
  frameBytes: fc.integer({ min: 32, max: 255 }),
  flushUs: fc.constantFrom(0, 500, 2000, 65_535),
  cuts: fc.integer({ min: 1, max: 7 }),
});

/** Runs a schedule to its end, feeding the rows in `cuts` pieces; `visit` sees each frame. */
function run(
  { frameBytes, flushUs, cuts }: { frameBytes: number; flushUs: number; cuts: number },
  all: readonly Row[],
  visit: (kind: string, atUs: number, schedule: FrameSchedule) => void,
): void {
  const schedule = new FrameSchedule({ taxels, frameBytes, statusUs: 500_000, tailUs: 700_000 }, flushUs);
  const size = Math.ceil(all.length / cuts) || 1;
  for (let fed = 0; ; ) {
    const frame = schedule.next();
    if (frame !== undefined) visit(frame.kind, frame.atUs, schedule);
    if (frame?.kind === 'end') return;
    if (frame !== undefined) continue;
    if (fed >= all.length) schedule.finish();
    else schedule.feed(eventsFrom(all.slice(fed, fed + size)));
    fed += size;
  }
}

test('every event is sent once, in order, none later than the flush time, none after a STATUS that is later', () =>
  fc.assert(
    fc.property(setups, rows, (setup, all) => {
      const sent: number[] = [];
      let [last, statusUs] = [0, 0];
      run(setup, all, (kind, atUs, { frame }) => {
        assert.ok(atUs >= last, `frame at ${atUs} after one at ${last}`);
        last = atUs;
        if (kind !== 'events') {
          assert.ok(atUs - statusUs <= 500_000);
          statusUs = atUs;
          return;
        }
        assert.ok(frame.length > 0);
        for (let i = 0; i < frame.length; i++) {
          const tUs = frame.tUs[i]!;
          assert.ok(
            tUs >= statusUs && tUs <= atUs && atUs - tUs <= setup.flushUs,
            `${tUs} in a frame at ${atUs}`,
          );
          sent.push(tUs * 1e6 + frame.taxel[i]! * 2 + frame.polarity[i]!);
        }
      });
      assert.deepEqual(
        sent,
        all.map(([tUs, taxel, polarity]) => tUs * 1e6 + taxel * 2 + polarity),
      );
    }),
  ));

test('each frame of events is one frame on the wire, no longer than allowed', () =>
  fc.assert(
    fc.property(setups, rows, (setup, all) => {
      const encoder = new TefEncoder({ frameBytes: setup.frameBytes });
      const decoder = new TefDecoder({ taxels, tickNs: 1000 });
      let received = 0;
      const sink = tefSink({
        events: (batch) => {
          received += batch.length;
        },
        gap: () => assert.fail('a frame is missing'),
        discard: (reason) => assert.fail(reason),
      });
      run(setup, all, (kind, _atUs, { frame }) => {
        if (kind !== 'events') return;
        const bytes = encoder.events(frame);
        assert.ok(bytes.length <= setup.frameBytes, `${bytes.length} bytes`);
        assert.equal(bytes.indexOf(0), bytes.length - 1, 'one frame');
        decoder.push(bytes, sink);
      });
      assert.equal(received, all.length);
    }),
  ));
