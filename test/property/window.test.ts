import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsFrom } from '../../devices/index.js';
import type { ClosedWindow, OnsetSpec, SlidingSpec } from '../../runtime/window/index.js';
import { settledEvents } from '../../runtime/window/index.js';
import * as fc from '../support/fast-check.js';
import {
  cut,
  type OracleEvent,
  type OracleWindow,
  onsetOracle,
  slidingOracle,
} from '../support/window-oracle.js';
import { lost, type Recorder, recorder, smallInput } from '../support/window-rows.js';
import {
  anySpec,
  anySteps,
  onsetSpec,
  orderedRows,
  play,
  type Row,
  type Step,
  slidingSpec,
  triggerSpec,
} from '../support/window-steps.js';

/** The same steps with every batch cut into single events. */
function singly(steps: readonly Step[]): Step[] {
  return steps.flatMap((step): Step[] =>
    step.kind === 'events' ? step.rows.map((row) => ({ ...step, rows: [row] })) : [step],
  );
}

function tryRecorder(...parameters: Parameters<typeof recorder>): Recorder | undefined {
  try {
    return recorder(...parameters);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function essence(windows: readonly ClosedWindow[]): OracleWindow[] {
  return windows.map(({ startUs, cells, events, reason }) => {
    assert.ok(reason !== 'epoch');
    return { startUs: startUs + 0, cells: [...cells], events, reason };
  });
}

function oracleEvents(rows: readonly Row[], sensors = 1, finger = 0): OracleEvent[] {
  return rows.map(([tUs, taxel, polarity]) => ({
    tUs,
    bit: taxel * 2 * sensors + 2 * finger + 1 - polarity,
  }));
}

for (const [name, spec, oracle] of [
  ['onset', onsetSpec, onsetOracle],
  ['sliding', slidingSpec, slidingOracle],
] as const) {
  test(`${name}: the same windows as a slow reading of the definition`, () => {
    fc.assert(
      fc.property(spec as fc.Arbitrary<OnsetSpec & SlidingSpec>, orderedRows, (policy, rows) => {
        const both = tryRecorder(policy);
        fc.pre(both !== undefined);
        both.windower.add(0, eventsFrom(rows));
        both.windower.flush();
        const expected = oracle(smallInput(), policy, oracleEvents(rows));
        assert.deepEqual(essence(both.windows), expected);
        assert.equal(both.windower.pending, 0);
        assert.equal(lost(both), 0);
      }),
      { numRuns: 400 },
    );
  });
}

test('trigger: each window holds the events of its time that no earlier window took', () => {
  const triggers = fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 8 });
  fc.assert(
    fc.property(triggerSpec, orderedRows, triggers, (policy, rows, after) => {
      const both = recorder(policy);
      const starts: number[] = [];
      rows.forEach((row, i) => {
        both.windower.add(0, eventsFrom([row]));
        if (!after.includes(i)) return;
        const atUs = Math.max(row[0] - (i % 40), starts.length === 0 ? -1e9 : starts.at(-1)! + 40);
        if (both.windower.trigger(atUs) === 'opened') starts.push(atUs);
      });
      both.windower.flush();
      const last = rows.at(-1)?.[0] ?? 0;
      const expected = starts.map((startUs) => cut(smallInput(), startUs, oracleEvents(rows), last));
      assert.deepEqual(essence(both.windows), expected);
      assert.equal(lost(both), 0);
    }),
    { numRuns: 300 },
  );
});

test('any split of the same events into batches gives the same windows and the same counts', () => {
  const world = fc
    .integer({ min: 1, max: 3 })
    .chain((sensors) => fc.tuple(fc.constant(sensors), anySteps(sensors), fc.integer({ min: 2, max: 40 })));
  fc.assert(
    fc.property(anySpec, world, (policy, [sensors, steps, laneEvents]) => {
      const options = { sensors, laneEvents, maxLagUs: 60, maxJumpUs: 400 };
      const whole = tryRecorder(policy, options);
      fc.pre(whole !== undefined);
      const cutUp = recorder(policy, options);
      play(whole.windower, steps);
      play(cutUp.windower, singly(steps));
      assert.equal(lost(whole), 0, 'before the flush');
      whole.windower.flush();
      cutUp.windower.flush();
      assert.deepEqual(whole.windows, cutUp.windows);
      assert.deepEqual(whole.windower.counters, cutUp.windower.counters);
      assert.equal(settledEvents(whole.windower.counters), whole.windower.counters.events);
      if (policy.kind !== 'sliding' || policy.hopUs >= 40) {
        const inWindows = whole.windows.reduce((sum, { events }) => sum + events, 0);
        assert.equal(inWindows, whole.windower.counters.placed);
      }
    }),
    { numRuns: 300 },
  );
});

test('several sensors: the order in which their batches come does not matter', () => {
  const streams = fc.array(orderedRows, { minLength: 2, maxLength: 3 });
  const order = fc.array(fc.tuple(fc.nat({ max: 2 }), fc.integer({ min: 1, max: 9 })), { maxLength: 40 });
  fc.assert(
    fc.property(fc.oneof(onsetSpec, slidingSpec), streams, order, (policy, rows, turns) => {
      const sensors = rows.length;
      const both = tryRecorder(policy, { sensors, maxLagUs: 1e9 });
      fc.pre(both !== undefined);
      const sent = rows.map(() => 0);
      const send = (sensor: number, count: number): void => {
        const from = sent[sensor]!;
        both.windower.add(sensor, eventsFrom(rows[sensor]!.slice(from, from + count)));
        sent[sensor] = from + count;
      };
      for (const [sensor, count] of turns) if (sensor < sensors) send(sensor, count);
      rows.forEach((_, sensor) => {
        send(sensor, 1000);
      });
      both.windower.flush();
      const merged = rows
        .flatMap((own, finger) => oracleEvents(own, sensors, finger))
        .sort((a, b) => a.tUs - b.tUs);
      const input = smallInput(sensors);
      const expected =
        policy.kind === 'onset' ? onsetOracle(input, policy, merged) : slidingOracle(input, policy, merged);
      const found = essence(both.windows);
      // Whether the end of the last windows was reached before the flush depends on who is waited for.
      const bare = (windows: readonly OracleWindow[]) =>
        windows.map(({ startUs, cells, events }) => [startUs, cells, events]);
      assert.deepEqual(bare(found), bare(expected));
      assert.equal(both.windower.counters.late, 0);
    }),
    { numRuns: 300 },
  );
});
