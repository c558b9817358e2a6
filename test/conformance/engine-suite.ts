/** One suite over every engine: what is right is said by golden vectors and by the reference engine, never by the engine itself. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import {
  decide,
  type Engine,
  type Executor,
  engineByName,
  type Network,
  NetworkError,
  readModelFile,
} from '../../models/index.js';
import * as fc from '../support/fast-check.js';
import { bySteps, goldenWindow, srmGolden, tinyGolden } from '../support/golden.js';
import { anyNetwork, publishedNetworks, randomWindow } from '../support/networks.js';
import { needsFiles, shared } from '../support/paths.js';

const reference = engineByName('reference');
const realModel = shared('golden', 'ev-objects-hybrid.safetensors');
const realCases = shared('golden', 'ev-objects-hybrid.json');

/** An engine in one of its modes. */
export interface Candidate {
  readonly engine: Engine;
  readonly mode: string;
  /** Stands behind engine and mode in the suite's name. */
  readonly variant?: string;
  /** Random networks to compare on: fewer where compiling one takes long. */
  readonly networks: number;
  /** Windows of the real golden set; all of them unless told otherwise. */
  readonly realWindows?: number;
}

/** Registers the suite; on a machine that cannot compute in the mode it is skipped, and says why. */
export async function checkEngine(candidate: Candidate): Promise<void> {
  const { engine, mode, variant, networks, realWindows } = candidate;
  const name = `engine ${[engine.name, mode, variant].filter(Boolean).join(', ')}`;
  const reason = await engine.unavailable(mode);
  if (reason !== undefined) {
    test(name, { skip: reason }, () => {});
    return;
  }

  /** Compiles for the time of `use`. */
  const withExecutor = async (
    network: Network,
    use: (executor: Executor) => Promise<void>,
  ): Promise<void> => {
    const executor = await engine.compile(network, mode);
    try {
      await use(executor);
    } finally {
      await executor.dispose();
    }
  };

  suite(name, () => {
    test('says what it is', async () => {
      const { network } = tinyGolden();
      await withExecutor(network, async (executor) => {
        assert.deepEqual([executor.engine, executor.mode], [engine.name, mode]);
        assert.equal(executor.spec, network.spec);
      });
    });

    test('gives every spike of the tiny golden set, layer by layer', async () => {
      const { network, cases } = tinyGolden();
      await withExecutor(network, async (executor) => {
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
    });

    test('gives every spike of the tiny golden set of spike-response neurons', async () => {
      const { network, cases } = srmGolden();
      await withExecutor(network, async (executor) => {
        for (const golden of cases) {
          const window = goldenWindow(network.spec.input, golden.events);
          const trace = await executor.trace(window);
          for (const branch of ['time', 'location'] as const)
            assert.deepEqual(
              trace[branch]!.map((spikes) => spikes.join('')),
              golden[branch].map(bySteps),
            );
          const [outcome] = await executor.run([window]);
          const { time, location } = outcome!;
          assert.deepEqual(
            golden.counts,
            golden.counts.map((_, c) => time!.counts[c]! + location!.counts[c]!),
          );
        }
      });
    });

    test('gives the rates and the fused output of the tiny golden set', async () => {
      const { network, cases } = tinyGolden();
      const windows = cases.map(({ events }) => goldenWindow(network.spec.input, events));
      await withExecutor(network, async (executor) => {
        const outcomes = await executor.run(windows);
        for (const [i, golden] of cases.entries()) {
          const { rates } = decide(network.spec, outcomes[i]!);
          for (const [c, rate] of rates.entries()) assert.ok(Math.abs(rate - golden.fused[c]!) < 1e-6);
          assert.deepEqual(
            [...outcomes[i]!.time!.counts].map((n) => Math.fround(n / 9)),
            golden.spatial.rate,
          );
        }
      });
    });

    test('gives the class counts and layer totals of the real golden set', {
      skip: needsFiles(realModel, realCases),
    }, async () => {
      const model = await readModelFile(realModel);
      const some = JSON.parse(readFileSync(realCases, 'utf8')).cases.slice(0, realWindows);
      const windows = some.map((golden: { events: [number, number, number][] }) =>
        goldenWindow(model.spec.input, golden.events),
      );
      await withExecutor(model, async (executor) => {
        const outcomes = await executor.run(windows);
        for (const [i, golden] of some.entries()) {
          assert.deepEqual([...outcomes[i]!.time!.counts], golden.spatial.counts);
          assert.deepEqual([...outcomes[i]!.location!.counts], golden.location.counts);
          assert.deepEqual(outcomes[i]!.time!.layerSpikes, golden.spatial.layerSpikes);
          assert.deepEqual(outcomes[i]!.location!.layerSpikes, golden.location.layerSpikes);
        }
      });
    });

    test('agrees with the reference on random networks and windows, empty to full, spikes and synaptic operations', {}, async () => {
      const property = fc.asyncProperty(
        anyNetwork,
        fc.constantFrom(0, 0.05, 0.3, 1),
        fc.nat(),
        async (network, density, seed) => {
          const window = randomWindow(network, density, seed);
          const yardstick = await reference.compile(network);
          await withExecutor(network, async (executor) => {
            assert.deepEqual(await executor.run([window]), await yardstick.run([window]));
            assert.deepEqual(await executor.trace(window), await yardstick.trace(window));
          });
        },
      );
      await fc.assert(property, { numRuns: networks, seed: 7 });
    });

    test('agrees with the reference on every published network', async () => {
      for (const network of publishedNetworks()) {
        const window = randomWindow(network, 0.3, 3);
        const yardstick = await reference.compile(network);
        const [expected] = await yardstick.run([window]);
        for (const { layerSpikes } of Object.values(expected!))
          assert.ok(
            layerSpikes.every((spikes) => spikes > 0),
            `${network.spec.name} has a silent layer: the comparison says little`,
          );
        await withExecutor(network, async (executor) => {
          assert.deepEqual(await executor.run([window]), [expected], network.spec.name);
          assert.deepEqual(await executor.trace(window), await yardstick.trace(window), network.spec.name);
        });
      }
    });

    test('answers do not depend on the windows before', async () => {
      const { network, cases } = tinyGolden();
      const windows = cases.map(({ events }) => goldenWindow(network.spec.input, events));
      await withExecutor(network, async (executor) => {
        const together = await executor.run([...windows, ...windows.toReversed()]);
        assert.deepEqual(together.slice(0, windows.length), together.slice(windows.length).toReversed());
      });
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
        const neurons = network.spec.input.taxels * branch.layers[0]!.outputs;
        await withExecutor({ spec: network.spec, weights }, async (executor) => {
          const [outcome] = await executor.run([{ cells: new Uint32Array() }]);
          // Above the threshold: fires at every bin, for the reset forgets. On it: 0.5 first, 0.6 next and so on.
          assert.equal(outcome!.time!.layerSpikes[0], fires === 1 ? neurons * 9 : neurons * 4);
        });
      }
    });

    test('refuses NaN and infinite weights, naming the first of each tensor', async () => {
      const { network } = tinyGolden();
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const weights = new Map(network.weights);
        weights.set('time.fc2.weight', { shape: [7, 5], data: new Float32Array(35).fill(value, 3) });
        await assert.rejects(
          engine.compile({ spec: network.spec, weights }, mode),
          (error: Error) =>
            error instanceof NetworkError &&
            error.message.includes(`time.fc2.weight holds ${value} at index 3`),
        );
      }
    });

    test('refuses weights that do not fit the spec, naming every fault', async () => {
      const { network } = tinyGolden();
      const weights = new Map(network.weights);
      weights.delete('time.fc1.bias');
      weights.set('location.fc2.weight', { shape: [1, 1], data: new Float32Array(1) });
      await assert.rejects(
        engine.compile({ spec: network.spec, weights }, mode),
        (error: Error) =>
          error instanceof NetworkError &&
          /time\.fc1\.bias .* missing/.test(error.message) &&
          /location\.fc2\.weight/.test(error.message),
      );
    });
  });
}
