import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  hybridLifSpec,
  hybridSrmSpec,
  type LossName,
  NetworkError,
  type NetworkSpec,
  scanSteps,
  tactileSnnSpec,
} from '../../../models/index.js';
import { SpikeTrain } from '../../../models/network/spike-train.js';
import { responseKernel } from '../../../models/neurons/srm.js';
import { loss, type Outputs } from '../../../models/training/loss.js';

const shape = { name: 'x', labels: ['a', 'b', 'c'], taxels: 20, bins: 100, binUs: 1000 };
const hybrid = hybridSrmSpec({ ...shape, decision: { locationWeight: 0.25, temperature: 0.1 } });
const snn = tactileSnnSpec(shape);
const lif = hybridLifSpec({ ...shape, taxelEdges: [] });

type Spike = readonly [stack: 'time' | 'location', step: number, neuron: number];
const some: readonly Spike[] = [
  ['time', 3, 0],
  ['time', 3, 2],
  ['time', 50, 2],
  ['time', 99, 1],
  ['location', 0, 1],
  ['location', 10, 0],
  ['location', 19, 1],
];

/** What a network says that spikes like this, in the order of steps. */
function outputsOf(spec: NetworkSpec, spikes: readonly Spike[]): Outputs {
  const stacks = (['time', 'location'] as const).filter((stack) => spec[stack] !== undefined);
  return Object.fromEntries(
    stacks.map((stack) => {
      const steps = scanSteps(spec, stack);
      const train = new SpikeTrain(steps, 3);
      const counts = new Uint32Array(3);
      for (let n = 0; n < steps; n++) {
        const index = Uint32Array.from(
          spikes.filter(([s, at]) => s === stack && at === n).map(([, , c]) => c),
        );
        for (const c of index) counts[c]! += 1;
        train.set(n, { index, count: index.length });
      }
      return [stack, { counts, spikes: train, gradient: new Float32Array(steps * 3) }];
    }),
  );
}

/** Central difference over one spike more and one spike less: exact for losses that are quadratic in the counts. */
function difference(name: LossName, spec: NetworkSpec, [stack, step, neuron]: Spike): number {
  const at = (spikes: readonly Spike[]): number => loss({ name }, spec, outputsOf(spec, spikes), 2, 1);
  const without = some.filter(([s, n, c]) => !(s === stack && n === step && c === neuron));
  assert.equal(without.length, some.length - 1);
  const twice = [...some, [stack, step, neuron] as const];
  return (at(twice) - at(without)) / 2;
}

describe('the gradient of a loss', () => {
  const close = (a: number, b: number): void =>
    assert.ok(Math.abs(a - b) <= 1e-5 * Math.abs(b) + 1e-9, `${a}, ${b}`);

  for (const [name, spec] of [
    ['mse', hybrid],
    ['mse', lif],
    ['weighted-num-spikes', snn],
    ['weighted-location-num-spikes', hybrid],
  ] as const) {
    test(`${name} on ${spec === lif ? 'LIF' : 'SRM'} outputs is what one spike more or less changes`, () => {
      const outputs = outputsOf(spec, some);
      loss({ name }, spec, outputs, 2, 1);
      for (const spike of some.filter(([stack]) => outputs[stack] !== undefined)) {
        const [stack, step, neuron] = spike;
        close(outputs[stack]!.gradient[step * 3 + neuron]!, difference(name, spec, spike));
      }
    });
  }

  test('cross-entropy is about what one spike more or less changes', () => {
    const outputs = outputsOf(hybrid, some);
    loss({ name: 'cross-entropy' }, hybrid, outputs, 2, 1);
    for (const spike of some) {
      const found = outputs[spike[0]]!.gradient[spike[1] * 3 + spike[2]]!;
      assert.ok(Math.abs(found / difference('cross-entropy', hybrid, spike) - 1) < 0.01);
    }
  });

  test('num-spikes sees a spike through the response behind it, across the joint of the branches', () => {
    const outputs = outputsOf(hybrid, some);
    loss({ name: 'num-spikes' }, hybrid, outputs, 2, 1);
    const taps = [...responseKernel(hybrid.time!.neuron as never)];
    const reach = (left: number): number => taps.slice(0, left).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(reach(1000) - 27.04828) < 1e-4);
    for (const spike of some) {
      const [stack, step, neuron] = spike;
      const left = 140 - (stack === 'time' ? step : 100 + step);
      const plain = difference('num-spikes', hybrid, spike);
      close(outputs[stack]!.gradient[step * 3 + neuron]!, plain * reach(left));
    }
  });

  test('counts a share of the batch', () => {
    const [whole, half] = [1, 0.5].map((share) => {
      const outputs = outputsOf(hybrid, some);
      loss({ name: 'num-spikes' }, hybrid, outputs, 0, share);
      return [...outputs.time!.gradient];
    });
    assert.deepEqual(
      half,
      whole!.map((g) => Math.fround(g / 2)),
    );
  });
});

test('num-spikes is zero at its targets: the published ones in proportion to the steps, or those given', () => {
  const spikes = Array.from({ length: 60 }, (_, n) => ['time', n, 1] as const);
  const targets = { right: 60, wrong: 0 };
  assert.equal(loss({ name: 'num-spikes', targets }, hybrid, outputsOf(hybrid, spikes), 1, 1), 0);
  // 140 steps: 150 * 140 / 481 = 43.66 and 5 * 140 / 481 = 1.455 spikes.
  const [right, wrong] = [(150 * 140) / 481, (5 * 140) / 481];
  const expected = ((60 - right) ** 2 + 2 * wrong ** 2) / 140 / 2;
  const found = loss({ name: 'num-spikes' }, hybrid, outputsOf(hybrid, spikes), 1, 1);
  assert.ok(Math.abs(found - expected) < 1e-9);
});

test('a loss that a network cannot have is refused, with the reason', () => {
  for (const [name, spec] of [
    ['weighted-num-spikes', hybrid],
    ['weighted-location-num-spikes', snn],
  ] as const)
    assert.throws(
      () => loss({ name }, spec, outputsOf(spec, some), 0, 1),
      (error) => error instanceof NetworkError && /whose answer comes from time/.test(error.message),
    );
});
