import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Dataset,
  engineByName,
  evaluate,
  hybridLifSpec,
  NetworkError,
  seededRandom,
  stratifiedSplit,
  type TrainingOptions,
  train,
  windowFromCells,
} from '../../../models/index.js';
import { Optimiser } from '../../../models/training/optimiser.js';

const spec = hybridLifSpec({
  name: 'toy',
  labels: ['left', 'right'],
  taxels: 4,
  bins: 6,
  binUs: 1000,
  taxelEdges: [
    [0, 1],
    [1, 0],
    [2, 3],
    [3, 2],
  ],
  convChannels: 4,
  hidden: [8],
});

/** Touch on taxels 0-1 (left) or 2-3 (right), with noise. */
function toyData(count: number, seed: number): Dataset {
  const random = seededRandom(seed);
  const targets = Array.from({ length: count }, (_, i) => i % 2);
  const windows = targets.map((target) => {
    const all = Array.from({ length: 48 }, (_, cell) => cell);
    return windowFromCells(
      spec.input,
      all.filter((cell) => random() < (Math.floor(((cell >> 1) % 4) / 2) === target ? 0.6 : 0.1)),
    );
  });
  return {
    input: spec.input,
    labels: spec.labels,
    windows,
    targets,
    names: targets.map((_, i) => `toy ${i}`),
  };
}

const options: TrainingOptions = {
  epochs: 8,
  batchSize: 8,
  loss: { name: 'mse' },
  optimiser: { kind: 'adam', learningRate: 0.02, amsgrad: true },
  seed: 3,
  validation: 0.2,
};

test('a small network learns a small task, with either loss and either optimiser', async () => {
  for (const [lossName, kind] of [
    ['mse', 'adam'],
    ['cross-entropy', 'adamw'],
  ] as const) {
    const result = await train(spec, toyData(80, 1), {
      ...options,
      loss: { name: lossName },
      optimiser: { ...options.optimiser, kind },
    });
    const { accuracy } = await evaluate(
      await engineByName('reference').compile({ spec, weights: result.weights }),
      toyData(100, 2),
    );
    assert.ok(accuracy >= 0.95, `${lossName}: ${accuracy}`);
    assert.ok(result.history.at(-1)!.loss < result.history[0]!.loss);
  }
});

test('the same seed gives the same weights, another seed others', async () => {
  const run = async (seed: number) => [
    ...(await train(spec, toyData(40, 1), { ...options, epochs: 2, seed })).weights,
  ];
  assert.deepEqual(await run(3), await run(3));
  assert.notDeepEqual(await run(3), await run(4));
});

test('an abort keeps the best so far and says so', async () => {
  const stop = new AbortController();
  const result = await train(spec, toyData(80, 1), {
    ...options,
    signal: stop.signal,
    onProgress: ({ epoch, done, windows }) => {
      if (epoch === 3 && done === windows) stop.abort();
    },
  });
  assert.equal(result.stopped, true);
  assert.equal(result.history.length, 4);
  const best = Math.max(...result.history.map(({ validation }) => validation!));
  assert.equal(result.best.validation, best);
});

test('progress tells epoch, windows done, loss and accuracy', async () => {
  const seen: string[] = [];
  await train(spec, toyData(40, 1), {
    ...options,
    epochs: 1,
    onProgress: ({ epoch, epochs, done, windows, loss: l, accuracy }) => {
      assert.ok(l > 0 && accuracy >= 0 && accuracy <= 1);
      seen.push(`${epoch + 1}/${epochs} ${done}/${windows}`);
    },
  });
  assert.deepEqual(seen, ['1/1 8/32', '1/1 16/32', '1/1 24/32', '1/1 32/32']);
});

test('data of another shape is refused with both shapes', async () => {
  const data = toyData(8, 1);
  await assert.rejects(
    train(spec, { ...data, input: { ...data.input, bins: 7 } }, options),
    (error: Error) => error instanceof NetworkError && /7 bins.*6 bins/.test(error.message),
  );
});

test('a stratified split holds out the same share of every class and loses nothing', () => {
  const data = toyData(50, 1);
  const { rest, held } = stratifiedSplit(data, 0.2, seededRandom(1));
  assert.deepEqual(
    [0, 1].map((c) => held.targets.filter((t) => t === c).length),
    [5, 5],
  );
  assert.deepEqual([...rest.names, ...held.names].sort(), [...data.names].sort());
});

test('Adam, AMSGrad and AdamW take the steps of the papers', () => {
  // First step of Adam: lr * g / (|g| + eps), whatever the size of g.
  const first = Float32Array.from([1, 1]);
  new Optimiser([first], { kind: 'adam', learningRate: 0.1 }).step([Float32Array.from([5, -0.01])]);
  assert.ok(Math.abs(first[0]! - 0.9) < 1e-5 && Math.abs(first[1]! - 1.1) < 1e-5);

  // After a large and then small gradients, AMSGrad keeps the large second moment and moves less.
  const [plain, ams] = [false, true].map((amsgrad) => {
    const parameter = Float32Array.from([0]);
    const optimiser = new Optimiser([parameter], { kind: 'adam', learningRate: 0.1, beta2: 0.5, amsgrad });
    for (const g of [10, 0.1, 0.1, 0.1, 0.1, 0.1]) optimiser.step([Float32Array.from([g])]);
    return parameter[0]!;
  });
  assert.ok(Math.abs(ams!) < Math.abs(plain!));

  // AdamW shrinks a weight without gradient, Adam's L2 moves it through the moments.
  const decayed = Float32Array.from([2]);
  new Optimiser([decayed], { kind: 'adamw', learningRate: 0.1, weightDecay: 0.5 }).step([
    Float32Array.from([0]),
  ]);
  assert.ok(Math.abs(decayed[0]! - 1.9) < 1e-6);
});

test('RMSprop takes the steps of PyTorch, with L2 in the gradient', () => {
  const parameter = Float32Array.from([1, 2]);
  const optimiser = new Optimiser([parameter], { kind: 'rmsprop', learningRate: 0.01, weightDecay: 0.5 });
  let [expected, moments] = [
    [1, 2],
    [0, 0],
  ];
  for (const gradient of [
    [0.3, -1],
    [0.2, 0],
    [-4, 0.5],
  ]) {
    optimiser.step([Float32Array.from(gradient)]);
    const g = gradient.map((value, i) => value + 0.5 * expected[i]!);
    moments = moments.map((v, i) => 0.99 * v + 0.01 * g[i]! ** 2);
    expected = expected.map((p, i) => p - (0.01 * g[i]!) / (Math.sqrt(moments[i]!) + 1e-8));
  }
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(parameter[i]! - value) < 1e-5);
});
