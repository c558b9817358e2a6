/**
 * whorl beside ONNX Runtime, the engine that a Node user would otherwise pick: the same network, the same windows, one
 * thread each, in the same run. An anytime answer costs ONNX Runtime a whole window.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cellsByBin, engineByName, type InputSpec, type TaxelWindow } from '../../models/index.js';
import { root, shared } from '../support/paths.js';
import { positive } from '../support/promises.js';
import { realWindows } from '../support/real-windows.js';
import { type Bench, median, table } from './bench.js';

const folder = join(root, 'test', 'bench', 'peers');

/** What this bench uses of onnxruntime-node. */
interface OnnxRuntime {
  readonly InferenceSession: {
    create(
      path: string,
      options: object,
    ): Promise<{ run(feeds: object): Promise<Record<string, { data: Float32Array }>> }>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => object;
}

export const bench: Bench = {
  name: 'peers',
  about:
    'event engine and stream against ONNX Runtime, one thread each [windows, default 24]; installs it on demand',
  async run(args) {
    const { model, pick } = await realWindows();
    const { InferenceSession, Tensor } = loadOnnxRuntime();
    const session = await InferenceSession.create(shared('golden', 'ev-objects-hybrid.onnx'), {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      extra: { session: { set_denormal_as_zero: '1' } },
    });
    const { input } = model.spec;
    const executor = await engineByName('event').compile(model);
    const stream = executor.stream!();
    const times = { onnxruntime: [] as number[], event: [] as number[], bin: [] as number[] };
    let largestDifference = 0;
    for (const [round, window] of pick(positive('windows', args[0] ?? '24')).entries()) {
      const x = new Tensor('float32', denseWindow(input, window), [input.taxels, input.channels, input.bins]);
      let started = performance.now();
      const theirs = await session.run({ x });
      const onnxMs = performance.now() - started;
      started = performance.now();
      const [ours] = await executor.run([window]);
      const eventMs = performance.now() - started;
      for (const [name, counts] of [
        ['spatial.count', ours!.time!.counts],
        ['location.count', ours!.location!.counts],
      ] as const) {
        for (const [c, count] of counts.entries())
          largestDifference = Math.max(largestDifference, Math.abs(count - theirs[name]!.data[c]!));
      }
      stream.reset();
      const binMs = cellsByBin(model.spec.input, window).map((cells) => {
        const before = performance.now();
        stream.push(cells);
        return performance.now() - before;
      });
      if (round < 2) continue; // warming up
      times.onnxruntime.push(onnxMs);
      times.event.push(eventMs);
      times.bin.push(...binMs);
    }
    // Another order of additions may flip single spikes: within 1 a class is what the golden set allows.
    assert.ok(largestDifference <= 1, `class counts differ by up to ${largestDifference}`);
    const [onnx, event, bin] = [times.onnxruntime, times.event, times.bin].map(median) as [
      number,
      number,
      number,
    ];
    console.log(`class counts of both differ by at most ${largestDifference}\n`);
    table([
      ['', 'median ms', 'of ONNX Runtime'],
      ['ONNX Runtime, a window', onnx.toFixed(3), '1'],
      ['event engine, a window', event.toFixed(3), (event / onnx).toFixed(3)],
      ['stream, one more bin', bin.toFixed(4), `1/${(onnx / bin).toFixed(0)}`],
    ]);
    return {
      onnxruntime_ms: round4(onnx),
      event_vs_onnxruntime: round4(event / onnx),
      stream_bin_vs_onnxruntime: round4(bin / onnx),
    };
  },
};

function loadOnnxRuntime(): OnnxRuntime {
  if (!existsSync(join(folder, 'node_modules', 'onnxruntime-node'))) {
    console.log('installing onnxruntime-node into test/bench/peers (once) ...');
    execFileSync('npm', ['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: 'ignore',
    });
  }
  return createRequire(join(folder, 'package.json'))('onnxruntime-node') as OnnxRuntime;
}

/** [taxels, channels, bins], 0 or 1. */
function denseWindow({ taxels, channels, bins }: InputSpec, { cells }: TaxelWindow): Float32Array {
  const dense = new Float32Array(taxels * channels * bins);
  for (const cell of cells) {
    const bin = Math.floor(cell / (taxels * channels));
    dense[(cell % (taxels * channels)) * bins + bin] = 1;
  }
  return dense;
}

function round4(value: number): number {
  return Number(value.toFixed(4));
}
