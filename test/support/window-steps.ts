import { eventsFrom } from '../../devices/index.js';
import type { OnsetSpec, PolicySpec, SlidingSpec, Windower } from '../../runtime/window/index.js';
import * as fc from './fast-check.js';

export type Row = readonly [tUs: number, taxel: number, polarity: number];

/** What can happen to a windower. */
export type Step =
  | { readonly kind: 'events'; readonly sensor: number; readonly rows: readonly Row[] }
  | { readonly kind: 'advance'; readonly sensor: number; readonly tUs: number }
  | { readonly kind: 'epoch'; readonly sensor: number }
  | { readonly kind: 'gap'; readonly sensor: number }
  | { readonly kind: 'online'; readonly sensor: number; readonly online: boolean }
  | { readonly kind: 'trigger'; readonly atUs: number | undefined };

/** Policies over `smallInput`; some of them are refused. */
export const onsetSpec: fc.Arbitrary<OnsetSpec> = fc
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
export const slidingSpec: fc.Arbitrary<SlidingSpec> = fc.record({
  kind: fc.constant('sliding' as const),
  hopUs: fc.integer({ min: 1, max: 90 }),
  emitEmpty: fc.boolean(),
});
export const triggerSpec = fc.record({
  kind: fc.constant('trigger' as const),
  historyUs: fc.integer({ min: 0, max: 60 }),
});
export const anySpec: fc.Arbitrary<PolicySpec> = fc.oneof(onsetSpec, slidingSpec, triggerSpec);

/** Rows in time order: bursts, pauses, ties. */
const gap = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5, max: 120 }) },
);
export const orderedRows: fc.Arbitrary<Row[]> = fc
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
/** Whatever can happen, in any order. */
export function anySteps(sensors: number): fc.Arbitrary<Step[]> {
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

export function play(windower: Windower, steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.kind === 'events') windower.add(step.sensor, eventsFrom(step.rows));
    else if (step.kind === 'advance') windower.advance(step.sensor, step.tUs);
    else if (step.kind === 'epoch') windower.epoch(step.sensor);
    else if (step.kind === 'gap') windower.gap(step.sensor);
    else if (step.kind === 'online') windower.setOnline(step.sensor, step.online);
    else windower.trigger(step.atUs);
  }
}
