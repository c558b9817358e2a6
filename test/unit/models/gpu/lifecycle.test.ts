import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGpuEngine, type Network } from '../../../../models/index.js';
import { tinyGolden } from '../../../support/golden.js';
import { randomWindow } from '../../../support/networks.js';

const { network } = tinyGolden();
const megabyte = 1024 * 1024;

/** Things that keep the event loop or the system busy: threads, handles, timers. */
function handles(): number {
  return process.getActiveResourcesInfo().length;
}

async function loadAndUnload(of: Network, mode: string, runs: number): Promise<void> {
  const executor = await createGpuEngine().compile(of, mode);
  for (let i = 0; i < runs; i++) await executor.run([randomWindow(of, 0.3, i)]);
  await executor.dispose();
}

/** Growth of the process from the end of the first to the end of the second `work`. */
async function growth(work: () => Promise<void>): Promise<number> {
  await work();
  const before = process.memoryUsage.rss();
  await work();
  return process.memoryUsage.rss() - before;
}

for (const mode of ['webasm', 'cpu']) {
  test(`${mode}: 300 runs leave no handles and no memory behind`, async () => {
    const before = handles();
    const grown = await growth(() => loadAndUnload(network, mode, 300));
    assert.ok(handles() <= before);
    assert.ok(grown < 40 * megabyte, `grew by ${(grown / megabyte).toFixed(1)} MB`);
  });

  test(`${mode}: neither do 20 loads and unloads`, async () => {
    const before = handles();
    const grown = await growth(async () => {
      for (let i = 0; i < 20; i++) await loadAndUnload(network, mode, 2);
    });
    assert.ok(handles() <= before);
    assert.ok(grown < 60 * megabyte, `grew by ${(grown / megabyte).toFixed(1)} MB`);
  });
}
