import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsFrom } from '../../devices/index.js';
import { type Decision, decide, engineByName, windowFromCells } from '../../models/index.js';
import { InferenceCore } from '../../runtime/inference/core.js';
import type { PipelineResult } from '../../runtime/inference/index.js';
import { InferenceService, localWorker, Pipeline } from '../../runtime/inference/index.js';
import { type ClosedWindow, type PolicySpec, Windower } from '../../runtime/window/index.js';
import { FakeClock } from '../support/clock.js';
import * as fc from '../support/fast-check.js';
import { settled } from '../support/scripted-worker.js';
import { smallModelFile, smallNetwork, temporaryFolder } from '../support/small-model.js';
import { anySteps, onsetSpec, orderedRows, play, type Step, slidingSpec } from '../support/window-steps.js';

const network = smallNetwork();
const { input } = network.spec;
const width = input.taxels * input.channels;
const path = await smallModelFile(temporaryFolder(), network);
const reference = await engineByName('reference').compile(network);

/** What the batch engine says of a window of these cells. */
async function batch(cells: Iterable<number>): Promise<Decision> {
  const [outcome] = await reference.run([windowFromCells(input, [...cells])]);
  return decide(network.spec, outcome!);
}

const policies: fc.Arbitrary<PolicySpec> = fc
  .oneof(onsetSpec, slidingSpec)
  .map((spec) => (spec.kind === 'sliding' ? { ...spec, hopUs: Math.ceil(spec.hopUs / 10) * 10 } : spec));

/** Plays steps through a whole pipeline, resting where `rests` says so, and through a windower of the same policy. */
async function run(policy: PolicySpec, steps: readonly Step[], rests: readonly boolean[]) {
  const clock = new FakeClock();
  const service = new InferenceService({ clock, spawn: localWorker(new InferenceCore(clock)) });
  const results: PipelineResult[] = [];
  service.start();
  const pipeline = new Pipeline(
    {
      name: 'p',
      sensors: ['finger'],
      model: { path, engine: { name: 'event' } },
      policy,
      queueLimit: 1000,
      everyBins: 1,
      maxJumpUs: 400,
      onResult: (result) => results.push(result),
    },
    service,
    clock,
  );
  await pipeline.start();
  if (pipeline.state === 'failed') {
    assert.match(pipeline.reason, /must be shorter than the window/);
    return undefined;
  }
  assert.equal(pipeline.anytime, 'every bin');
  const windows: ClosedWindow[] = [];
  const onWindow = (window: ClosedWindow): number => windows.push(window);
  const windower = new Windower({ input, sensors: 1, policy, maxJumpUs: 400, onWindow });
  for (const [i, step] of steps.entries()) {
    play(windower, [step]);
    if (step.kind === 'events') pipeline.add(0, eventsFrom(step.rows));
    else if (step.kind === 'advance') pipeline.advance(0, step.tUs);
    else if (step.kind === 'epoch') pipeline.epoch(0);
    else if (step.kind === 'gap') pipeline.gap(0);
    else if (step.kind === 'online') pipeline.setOnline(0, step.online);
    else pipeline.trigger(step.atUs);
    if (rests[i % rests.length]) await settled();
  }
  windower.flush();
  pipeline.flush();
  while (pipeline.counters.answered + pipeline.counters.cut < pipeline.counters.windows) await settled();
  await service.stop();
  return { results, windows };
}

function checkOrder(results: readonly PipelineResult[], windows: readonly ClosedWindow[]): void {
  const finals = results.filter(({ final }) => final).map(({ window }) => window.index);
  const whole = windows.filter(({ reason }) => reason !== 'epoch').map(({ index }) => index);
  assert.deepEqual(finals, whole);
  const last = new Map<number, PipelineResult>();
  for (const result of results) {
    const before = last.get(result.window.index);
    assert.ok(before === undefined || (!before.final && before.bin < result.bin));
    last.set(result.window.index, result);
  }
}

const rests = fc.array(fc.constantFrom(true, true, false), { minLength: 1, maxLength: 8 });

test('through the whole pipeline, every answer is that of the batch engine for the window so far', async () => {
  let updates = 0;
  const batches = fc.tuple(orderedRows, fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 }));
  await fc.assert(
    fc.asyncProperty(policies, batches, rests, async (policy, [rows, sizes], resting) => {
      const steps: Step[] = [];
      for (let at = 0; at < rows.length; ) {
        const end = at + sizes[steps.length % sizes.length]!;
        steps.push({ kind: 'events', sensor: 0, rows: rows.slice(at, end) });
        at = end;
      }
      const played = await run(policy, steps, resting);
      if (played === undefined) return;
      checkOrder(played.results, played.windows);
      for (const { window, bin, final, decision } of played.results) {
        const { cells, startUs }: ClosedWindow = played.windows[window.index]!;
        assert.equal(window.startUs, startUs);
        assert.deepEqual(decision, await batch(cells.filter((cell) => cell < bin * width)));
        if (!final) updates++;
      }
    }),
    { numRuns: 200 },
  );
  assert.ok(updates > 30, `put to the test with ${updates} answers before the end of a window`);
});

test('whatever comes late, leaps or restarts: last answers are those of the whole windows', async () => {
  await fc.assert(
    fc.asyncProperty(policies, anySteps(1), rests, async (policy, steps, resting) => {
      const played = await run(policy, steps, resting);
      if (played === undefined) return;
      checkOrder(played.results, played.windows);
      for (const { window, final, decision } of played.results)
        if (final) assert.deepEqual(decision, await batch(played.windows[window.index]!.cells));
    }),
    { numRuns: 150 },
  );
});
