/** Accuracy over time equals that of the batch engine on windows cut short. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AnytimeCurve,
  type Dataset,
  decide,
  engineByName,
  evaluateAnytime,
  type Network,
  type NetworkSpec,
  type Outcome,
} from '../../models/index.js';
import * as fc from '../support/fast-check.js';
import { anyNetwork, randomWindow } from '../support/networks.js';

function dataOf(network: Network, seeds: readonly number[]): Dataset {
  const { input, labels } = network.spec;
  return {
    ...{ input, labels },
    windows: seeds.map((seed) => randomWindow(network, [0.03, 0.2, 0.6][seed % 3]!, seed)),
    targets: seeds.map((seed) => seed % labels.length),
    names: seeds.map(String),
  };
}

/** The class with the most spikes, the first of several. */
function most(counts: Uint32Array): number {
  return counts.indexOf(Math.max(...counts));
}

/** Labels of every line there is, of one outcome. */
function labels(spec: NetworkSpec, psi: number | undefined, outcome: Outcome, progress: number) {
  const { time, location, fused } = outcome;
  const { fused: _, ...unfused } = spec;
  const { psi: __, ...plain } = spec.decision;
  const both = time !== undefined && location !== undefined;
  const by = (decision: NetworkSpec['decision']): number =>
    decide({ ...unfused, decision }, outcome, progress).labelId;
  return {
    ...(fused === undefined ? {} : { fused: most(fused.counts) }),
    ...(both ? { plain: by(plain) } : {}),
    ...(both && psi !== undefined ? { weighted: by({ ...plain, psi }) } : {}),
    ...(time === undefined ? {} : { time: most(time.counts) }),
    ...(location === undefined ? {} : { location: most(location.counts) }),
  };
}

test('every line at every point, and every record, for networks of every kind', async () => {
  const answers = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      anyNetwork,
      fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(undefined, 2, 15),
      async (network, seeds, every, given) => {
        const { spec } = network;
        const { bins, taxels, channels } = spec.input;
        const psi = given ?? spec.decision.psi;
        const data = dataOf(network, seeds);
        const executor = await engineByName('event').compile(network);
        const options = { every, ...(given === undefined ? {} : { psi: given }) };
        const { curve, records } = await evaluateAnytime(executor, data, options);
        answers.add(curve.answer);
        assert.deepEqual(
          curve.bins,
          Array.from({ length: bins }, (_, i) => i + 1).filter((n) => n % every === 0 || n === bins),
        );
        const own = {
          ...spec,
          decision: { ...spec.decision, ...(psi === undefined ? {} : { psi }) },
        };
        for (let seen = 1; seen <= bins; seen++) {
          const cut = data.windows.map(({ cells }) => ({
            cells: cells.filter((cell) => cell < seen * taxels * channels),
          }));
          const outcomes = await executor.run(cut);
          for (const [i, outcome] of outcomes.entries()) {
            const { labelId, confidence, margin } = decide(own, outcome, seen / bins);
            const record = records[i]!;
            assert.equal(record.target, data.targets[i]);
            assert.deepEqual(
              [record.labels[seen - 1], record.confidences[seen - 1], record.margins[seen - 1]],
              [labelId, confidence, Math.fround(margin)],
            );
          }
          const point = curve.bins.indexOf(seen);
          if (point < 0) continue;
          const said = outcomes.map((outcome) => labels(spec, psi, outcome, seen / bins));
          const lines = Object.keys(said[0]!) as (keyof AnytimeCurve['lines'])[];
          assert.deepEqual(Object.keys(curve.lines).sort(), [...lines].sort());
          for (const line of lines) {
            const right = said.filter((one, i) => one[line] === data.targets[i]).length;
            assert.equal(
              curve.lines[line]![point],
              right / data.windows.length,
              `${line} after ${seen} bins`,
            );
          }
        }
      },
    ),
    { numRuns: 80, seed: 6 },
  );
  assert.deepEqual([...answers].sort(), ['fused', 'location', 'plain', 'time', 'weighted']);
});

test('what cannot be measured is refused with the reason', async () => {
  const [network] = fc.sample(anyNetwork, { numRuns: 1, seed: 5 }) as [Network];
  const event = await engineByName('event').compile(network);
  const reference = await engineByName('reference').compile(network);
  const data = dataOf(network, [1]);
  await assert.rejects(
    evaluateAnytime(reference, data),
    /^Error: engine reference answers whole windows only; .* such as event$/,
  );
  await assert.rejects(evaluateAnytime(event, data, { every: 0 }), /every is 0; it must be a whole number/);
  await assert.rejects(
    evaluateAnytime(event, data, { psi: 0 }),
    /psi is 0; it must be a finite number above 0/,
  );
  await assert.rejects(evaluateAnytime(event, dataOf(network, [])), /there are no windows/);
});
