import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Device } from '../../../../models/engine/gpu/device.js';
import { modeNames, modeOf, modes, ranAs } from '../../../../models/engine/gpu/modes.js';
import { createGpuEngine, engineByName } from '../../../../models/index.js';
import { tinyGolden } from '../../../support/golden.js';

const { network } = tinyGolden();

test('what gpu.js reports of a plan names the mode that ran it', () => {
  for (const mode of modeNames) {
    const { backend, executor } = modes[mode];
    assert.equal(ranAs({ backend, executor, reason: undefined }, mode, 10_000), mode);
  }
  const onCpu = { backend: 'cpu', executor: 'generic', reason: 'no luck' };
  assert.equal(ranAs(onCpu, 'webasm', 10), 'cpu');
  assert.equal(ranAs({ ...onCpu, backend: 'webgpu' }, 'webgpu', 10), undefined);
});

test('a plan without threads counts as threaded only where it is too small for them', () => {
  const single = { backend: 'webasm', executor: 'fused-sync', reason: undefined };
  assert.equal(ranAs(single, 'webasm-threaded', 4096), 'webasm-threaded');
  assert.equal(ranAs(single, 'webasm-threaded', 4097), 'webasm');
});

test('a plan that runs otherwise than asked for is an error, unless anything goes', async () => {
  const run = async (strict: boolean): Promise<Device> => {
    const device = await Device.open('webasm-threaded', strict);
    const kernel = device.kernel({
      source: 'function (a, b) { return a[this.thread.x] + b[this.thread.x]; }',
      output: [4],
    });
    // It says that it is large, so gpu.js ought to have used threads.
    const plan = device.plan(1_000_000, (a, b) => [kernel(a, b)]);
    const values = { data: Float32Array.of(1, 2, 3, 4), size: [4] } as const;
    try {
      assert.deepEqual(await plan.run(values, values), [[Float32Array.of(2, 4, 6, 8)]]);
    } finally {
      await device.close();
    }
    return device;
  };
  await assert.rejects(run(true), /mode webasm-threaded: gpu\.js ran it on webasm \(fused-sync\) instead/);
  assert.equal((await run(false)).ran, 'webasm');
});

test('without a mode, the first that the machine can do is taken', async () => {
  const engine = engineByName('gpu');
  const reasons = await Promise.all(engine.modes.map((mode) => engine.unavailable(mode)));
  const executor = await engine.compile(network);
  assert.equal(executor.mode, engine.modes[reasons.indexOf(undefined)]);
  await executor.dispose();
});

test('a mode that the machine cannot do is refused with the reason', async () => {
  const engine = engineByName('gpu');
  for (const mode of engine.modes) {
    const reason = await engine.unavailable(mode);
    if (reason === undefined) continue;
    assert.match(reason, /\w{3}/);
    await assert.rejects(engine.compile(network, mode), (error: Error) =>
      error.message.endsWith(`cannot compute in mode ${mode} here: ${reason}`),
    );
  }
  assert.throws(() => modeOf('warp'), RangeError);
});

test('the executor says which form, backend and executor compute', async () => {
  for (const form of ['by-layer', 'whole'] as const) {
    const executor = await createGpuEngine({ form }).compile(network, 'webasm');
    assert.equal(executor.details, `${form}, webasm fused-sync`);
    await executor.dispose();
  }
});
