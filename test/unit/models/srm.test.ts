import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { engineByName, type NetworkSpec, publishedSrm, windowFromCells } from '../../../models/index.js';
import {
  refractoryKernel,
  responseKernel,
  srmFires,
  srmMembrane,
  srmOf,
  srmSurrogate,
} from '../../../models/neurons/srm.js';
import { srmGolden } from '../../support/golden.js';

/** Membranes and spike times of one neuron under a current. */
function scan(current: readonly number[]): { membranes: number[]; spikes: number[] } {
  const srm = srmOf(publishedSrm);
  const membranes: number[] = [];
  const spikes: number[] = [];
  for (const n of current.keys()) {
    const u = srmMembrane(
      srm,
      n,
      (m) => current[m]!,
      (m) => spikes.includes(m),
    );
    membranes.push(u);
    if (srmFires(srm, u)) spikes.push(n);
  }
  return { membranes, spikes };
}

const impulse = (at: number, size: number, length: number): number[] =>
  Array.from({ length }, (_, n) => (n === at ? size : 0));

describe('the spike-response neuron', () => {
  test('has the published kernels, tap by tap', () => {
    const golden = srmGolden();
    assert.deepEqual([...responseKernel(publishedSrm)], golden.response);
    assert.deepEqual([...refractoryKernel(publishedSrm)], golden.refractory);
    assert.equal(responseKernel(publishedSrm).length, 77);
    assert.equal(refractoryKernel(publishedSrm).length, 11);
  });

  test('fires as published under a constant drive', () => {
    const { membranes, spikes } = scan(new Array(100).fill(1));
    assert.deepEqual(
      spikes,
      [
        13, 17, 21, 24, 27, 30, 33, 36, 39, 42, 45, 48, 51, 54, 57, 60, 62, 65, 68, 70, 73, 75, 78, 80, 83,
        85, 88, 90, 93, 95, 98,
      ],
    );
    assert.deepEqual(
      membranes.slice(13, 18).map((u) => u.toFixed(4)),
      ['10.6010', '-8.4605', '-2.2659', '5.2073', '10.1886'],
    );
  });

  test('fires as published after one impulse', () => {
    assert.deepEqual(scan(impulse(3, 12, 60)).spikes, [9, 14]);
    assert.deepEqual(scan(impulse(0, 40, 60)).spikes, [2, 4, 6, 8, 10, 12, 14, 16, 18, 21, 24, 27, 31]);
  });

  test('fires at the threshold itself, unlike the LIF neuron', () => {
    const srm = srmOf(publishedSrm);
    assert.equal(srmFires(srm, 10), true);
    assert.equal(srmFires(srm, 10 - 2 ** -20), false);
    // e(10) is 1: a current of 10 at step 0 reaches the threshold at step 10 and nowhere else.
    assert.deepEqual(scan(impulse(0, 10, 60)).spikes, [10]);
  });

  test('has an exponential surrogate with its peak at the threshold', () => {
    assert.equal(srmSurrogate(publishedSrm, 10), 0.1);
    assert.ok(Math.abs(srmSurrogate(publishedSrm, 0) - 0.1 * Math.exp(-1)) < 1e-12);
    assert.equal(srmSurrogate(publishedSrm, 3), srmSurrogate(publishedSrm, 17));
  });

  test('a network of one neuron fires as the neuron does, at the threshold as well, in every engine', async () => {
    const spec: NetworkSpec = {
      name: 'one',
      input: { taxels: 1, channels: 2, bins: 60, binUs: 1000 },
      labels: ['a'],
      time: { neuron: publishedSrm, layers: [{ kind: 'dense', inputs: 2, outputs: 1 }] },
      decision: { fusion: 'sum', temperature: 1 },
    };
    for (const [weight, spikes] of [
      [10, [10]],
      [40, scan(impulse(0, 40, 60)).spikes],
    ] as const) {
      const weights = new Map([['time.fc1.weight', { shape: [1, 2], data: Float32Array.of(weight, 0) }]]);
      for (const [engine, mode] of [
        ['reference', 'dense'],
        ['event', 'plain'],
        ['event', 'simd'],
      ] as const) {
        const executor = await engineByName(engine).compile({ spec, weights }, mode);
        const { time } = await executor.trace(windowFromCells(spec.input, [0]));
        assert.deepEqual(
          [...time![0]!.keys()].filter((n) => time![0]![n] === 1),
          spikes,
        );
      }
    }
  });
});
