/** A stream's answer after every bin equals the batch engine's answer for the zero-padded window. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import {
  type Answer,
  cellsByBin,
  type Executor,
  engineByName,
  type Network,
  readModelFile,
  type Stream,
  type TaxelWindow,
} from '../../models/index.js';
import * as fc from '../support/fast-check.js';
import { goldenWindow } from '../support/golden.js';
import { anyNetwork, randomWindow } from '../support/networks.js';
import { needsFiles, shared } from '../support/paths.js';

function upTo(network: Network, window: TaxelWindow, bins: number): TaxelWindow {
  const perBin = network.spec.input.taxels * network.spec.input.channels;
  return { cells: window.cells.filter((cell) => cell < bins * perBin) };
}

function counts(answer: Answer): unknown {
  return {
    time: answer.time && [...answer.time.counts],
    location: answer.location && [...answer.location.counts],
  };
}

async function checkStream(
  network: Network,
  batch: Executor,
  stream: Stream,
  window: TaxelWindow,
  every = 1,
): Promise<void> {
  for (const [bin, cells] of cellsByBin(network.spec.input, window).entries()) {
    const answer = counts(stream.push(cells));
    if (bin % every !== 0) continue;
    const [expected] = await batch.run([upTo(network, window, bin + 1)]);
    assert.deepEqual(answer, counts(expected!), `after bin ${bin}`);
  }
}

for (const mode of engineByName('event').modes) {
  suite(`stream, mode ${mode}`, () => {
    const windows = fc.array(fc.record({ density: fc.constantFrom(0, 0.03, 0.2, 1), seed: fc.nat() }), {
      minLength: 1,
      maxLength: 3,
    });

    test('equals the batch engine after every bin, window after window', async () => {
      const property = fc.asyncProperty(anyNetwork, windows, async (network, touched) => {
        const batch = await engineByName('event').compile(network, mode);
        const stream = batch.stream!();
        for (const { density, seed } of touched) {
          await checkStream(network, batch, stream, randomWindow(network, density, seed));
          stream.reset();
        }
      });
      await fc.assert(property, { numRuns: 100, seed: 3 });
    });

    test('late cells count exactly as if they had come in time', async () => {
      const property = fc.asyncProperty(
        anyNetwork,
        fc.nat(),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 5 }),
        async (network, seed, late) => {
          const { bins, taxels, channels } = network.spec.input;
          const batch = await engineByName('event').compile(network, mode);
          const stream = batch.stream!();
          const window = randomWindow(network, 0.2, seed);
          const seen = new Set(window.cells);
          for (const cells of cellsByBin(network.spec.input, window)) stream.push(cells);
          for (const [at, which] of late) {
            const [bin, cell] = [at % bins, which % (taxels * channels)];
            const answer = counts(stream.revise(bin, [cell]));
            seen.add(bin * taxels * channels + cell);
            const [expected] = await batch.run([{ cells: Uint32Array.from(seen).sort() }]);
            assert.deepEqual(answer, counts(expected!));
          }
        },
      );
      await fc.assert(property, { numRuns: 60, seed: 4 });
    });

    const files = [
      shared('golden', 'ev-objects-hybrid.safetensors'),
      shared('golden', 'ev-objects-hybrid.json'),
    ] as const;
    test('equals the batch engine on a real touch', { skip: needsFiles(...files) }, async () => {
      const model = await readModelFile(files[0]);
      const { cases } = JSON.parse(readFileSync(files[1], 'utf8'));
      const batch = await engineByName('event').compile(model, mode);
      await checkStream(model, batch, batch.stream!(), goldenWindow(model.spec.input, cases[0].events), 16);
    });

    test('a full window and a bin that was not taken are refused', async () => {
      const [network] = fc.sample(anyNetwork, { numRuns: 1, seed: 5 }) as [Network];
      const stream = (await engineByName('event').compile(network, mode)).stream!();
      assert.throws(() => stream.revise(0, [0]), /has not been taken/);
      for (let bin = 0; bin < network.spec.input.bins; bin++) stream.push([]);
      assert.throws(() => stream.push([]), /window is full/);
      stream.reset();
      assert.throws(() => stream.push([100_000]), /not within a bin/);
    });
  });
}
