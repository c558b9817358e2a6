import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventsFrom } from '../../devices/index.js';
import type { ClosedWindow, OnsetSpec, PolicySpec, SlidingSpec } from '../../runtime/window/index.js';
import { settledEvents } from '../../runtime/window/index.js';
import {
  cut,
  type OracleEvent,
  type OracleWindow,
  onsetOracle,
  slidingOracle,
} from '../support/window-oracle.js';
import { lost, type Recorder, recorder, smallInput } from '../support/window-rows.js';

type Row = readonly [tUs: number, taxel: number, polarity: number];

/** What can happen to a windower. */
type Step =
  | { readonly kind: 'events'; readonly sensor: number; readonly rows: readonly Row[] }
  | { readonly kind: 'advance'; readonly sensor: number; readonly tUs: number }
  | { readonly kind: 'epoch'; readonly sensor: number }
  | { readonly kind: 'gap'; readonly sensor: number }
  | { readonly kind: 'online'; readonly sensor: number; readonly online: boolean }
  | { readonly kind: 'trigger'; readonly atUs: number | undefined };

const onsetSpec: fc.Arbitrary<OnsetSpec> = fc
  .record({
    kind: fc.constant('onset' as const),
    thresholdEvents: fc.integer({ min: 1, max: 5 }),
    intervalUs: fc.integer({ min: 0, max: 15 }),
    preRollUs: fc.integer({ min: 0, max: 20 }),
    rearm: fc.constantFrom('quiet' as const, 'at-once' as const),
    releaseEvents: fc.integer({ min: 1, max: 5 }),
    rearmUs: fc.integer({ min: 0, max: 60 }),
  })
  .map((spec) => ({ ...spec, releaseEvents: Math.min(spec.releaseEvents, spec.thresholdEvents) }));
const slidingSpec: fc.Arbitrary<SlidingSpec> = fc.record({
  kind: fc.constant('sliding' as const),
  hopUs: fc.integer({ min: 1, max: 90 }),
  emitEmpty: fc.boolean(),
});
const triggerSpec = fc.record({
  kind: fc.constant('trigger' as const),
  historyUs: fc.integer({ min: 0, max: 60 }),
});
const anySpec: fc.Arbitrary<PolicySpec> = fc.oneof(onsetSpec, slidingSpec, triggerSpec);

/** Rows in time order: bursts, pauses, ties. */
const gap = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5, max: 120 }) },
);
const orderedRows: fc.Arbitrary<Row[]> = fc
  .array(fc.tuple(gap, fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 1 })), { maxLength: 80 })
  .map((steps) => {
    let tUs = -50;
    return steps.map(([dt, taxel, polarity]) => {
      tUs += dt;
      return [tUs, taxel, polarity] as const;
    });
  });

/** Rows as a broken world sends them: out of order, leaping, not a number, of taxels and polarities that are not. */
const anyRow: fc.Arbitrary<Row> = fc.tuple(
  fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: 300 }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 1e300, -1e6, 1e6, 1e6 + 1) },
  ),
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom(0, 0, 0, 1, 1, 1, 2),
);
function anySteps(sensors: number): fc.Arbitrary<Step[]> {
  const sensor = fc.integer({ min: 0, max: sensors - 1 });
  const rows = fc.array(anyRow, { minLength: 1, maxLength: 12 });
  const sorted = rows.map((unsorted) => [...unsorted].sort(([a], [b]) => a - b));
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ kind: fc.constant('events' as const), sensor, rows: fc.oneof(rows, sorted) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('advance' as const),
        sensor,
        tUs: fc.integer({ min: 0, max: 320 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('epoch' as const, 'gap' as const), sensor }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('online' as const), sensor, online: fc.boolean() }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('trigger' as const),
        atUs: fc.option(fc.integer({ min: 0, max: 320 }), { nil: undefined }),
      }),
    },
  );
  return fc.array(step, { maxLength: 30 });
}

function play({ windower }: Recorder, steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.kind === 'events') windower.add(step.sensor, eventsFrom(step.rows));
    else if (step.kind === 'advance') windower.advance(step.sensor, step.tUs);
    else if (step.kind === 'epoch') windower.epoch(step.sensor);
    else if (step.kind === 'gap') windower.gap(step.sensor);
    else if (step.kind === 'online') windower.setOnline(step.sensor, step.online);
    else windower.trigger(step.atUs);
  }
}

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
      play(whole, steps);
      play(cutUp, singly(steps));
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
