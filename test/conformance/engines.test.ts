/** One suite over every engine: what is right is said by golden vectors and by the reference engine, never by the engine itself. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import {
  BRANCHES,
  decide,
  engineByName,
  engines,
  initialWeights,
  type Network,
  NetworkError,
  readModelFile,
} from '../../models/index.js';
import { goldenWindow, tinyGolden } from '../support/golden.js';
import { anyNetwork, randomWindow } from '../support/networks.js';
import { needsFiles, shared } from '../support/paths.js';

const reference = engineByName('reference');
const realModel = shared('golden', 'ev-objects-hybrid.safetensors');
const realCases = shared('golden', 'ev-objects-hybrid.json');

const candidates = engines.flatMap((engine) =>
  engine.modes.map((mode) => ({
    name: engine.name,
    mode,
    compile: (network: Network) => engine.compile(network, mode),
  })),
);

for (const engine of candidates) {
  suite(`engine ${engine.name}, mode ${engine.mode}`, () => {
    test('gives every spike of the tiny golden set, layer by layer', async () => {
      const { network, cases } = tinyGolden();
      const executor = engine.compile(network);
      for (const golden of cases) {
        const trace = await executor.trace(goldenWindow(network.spec.input, golden.events));
        for (const [branch, expected] of [
          ['time', golden.spatial],
          ['location', golden.location],
        ] as const) {
          assert.deepEqual(
            trace[branch]!.map((spikes) => spikes.join('')),
            expected.layers.map(({ spikes }) => spikes),
          );
        }
      }
    });

    test('gives the rates and the fused output of the tiny golden set', async () => {
      const { network, cases } = tinyGolden();
      const windows = cases.map(({ events }) => goldenWindow(network.spec.input, events));
      const outcomes = await engine.compile(network).run(windows);
      for (const [i, golden] of cases.entries()) {
        const { rates } = decide(network.spec, outcomes[i]!);
        for (const [c, rate] of rates.entries()) assert.ok(Math.abs(rate - golden.fused[c]!) < 1e-6);
        assert.deepEqual(
          [...outcomes[i]!.time!.counts].map((n) => Math.fround(n / 9)),
          golden.spatial.rate,
        );
      }
    });

    test('gives the class counts and layer totals of the real golden set', {
      skip: needsFiles(realModel, realCases),
    }, async () => {
      const model = await readModelFile(realModel);
      const { cases } = JSON.parse(readFileSync(realCases, 'utf8'));
      const some = engine.name === 'reference' ? cases.slice(0, 2) : cases;
      const windows = some.map((golden: { events: [number, number, number][] }) =>
        goldenWindow(model.spec.input, golden.events),
      );
      const outcomes = await engine.compile(model).run(windows);
      for (const [i, golden] of some.entries()) {
        assert.deepEqual([...outcomes[i]!.time!.counts], golden.spatial.counts);
        assert.deepEqual([...outcomes[i]!.location!.counts], golden.location.counts);
        assert.deepEqual(outcomes[i]!.time!.layerSpikes, golden.spatial.layerSpikes);
        assert.deepEqual(outcomes[i]!.location!.layerSpikes, golden.location.layerSpikes);
      }
    });

    test('agrees with the reference on random networks and windows, empty to full, spikes and synaptic operations', async () => {
      const property = fc.asyncProperty(
        anyNetwork,
        fc.constantFrom(0, 0.05, 0.3, 1),
        fc.nat(),
        async (network, density, seed) => {
          const window = randomWindow(network, density, seed);
          const [executor, yardstick] = [engine.compile(network), reference.compile(network)];
          assert.deepEqual(await executor.run([window]), await yardstick.run([window]));
          assert.deepEqual(await executor.trace(window), await yardstick.trace(window));
        },
      );
      await fc.assert(property, { numRuns: 150, seed: 7 });
    });

    test('answers do not depend on the windows before', async () => {
      const { network, cases } = tinyGolden();
      const windows = cases.map(({ events }) => goldenWindow(network.spec.input, events));
      const executor = engine.compile(network);
      const together = await executor.run([...windows, ...windows.toReversed()]);
      assert.deepEqual(together.slice(0, windows.length), together.slice(windows.length).toReversed());
    });

    test('a membrane exactly on the threshold does not fire; one step above it does', async () => {
      const { network } = tinyGolden();
      const branch = network.spec.time!;
      for (const [bias, fires] of [
        [0.5, 0],
        [0.5 + 2 ** -24, 1],
      ] as const) {
        const weights = new Map(
          [...network.weights].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.map(() => 0) }]),
        );
        weights.get('time.conv.bias')!.data.fill(bias);
        const [outcome] = await engine
          .compile({ spec: network.spec, weights })
          .run([{ cells: new Uint32Array() }]);
        const neurons = network.spec.input.taxels * branch.layers[0]!.outputs;
        // Above the threshold: fires at every bin, for the reset forgets. On it: 0.5 first, 0.6 next and so on.
        assert.equal(outcome!.time!.layerSpikes[0], fires === 1 ? neurons * 9 : neurons * 4);
      }
    });

    test('refuses weights that do not fit the spec, naming every fault', () => {
      const { network } = tinyGolden();
      const weights = new Map(network.weights);
      weights.delete('time.fc1.bias');
      weights.set('location.fc2.weight', { shape: [1, 1], data: new Float32Array(1) });
      assert.throws(
        () => engine.compile({ spec: network.spec, weights }),
        (error: Error) =>
          error instanceof NetworkError &&
          /time\.fc1\.bias .* missing/.test(error.message) &&
          /location\.fc2\.weight/.test(error.message),
      );
    });
  });
}

test('fresh weights make both branches of a network usable', async () => {
  const { network } = tinyGolden();
  const [outcome] = await reference
    .compile({ spec: network.spec, weights: initialWeights(network.spec, 1) })
    .run([randomWindow(network, 0.5, 1)]);
  for (const branch of BRANCHES) assert.equal(outcome![branch]!.counts.length, 3);
});
