import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../support/paths.js';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  bin: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
  files: string[];
};

/** By name, as a program that has whorl installed imports it; a variable, so that the compiler does not look it up. */
const load = (name: string): Promise<Record<string, unknown>> => import(name);

test('the three entries of the package give what the README promises', async () => {
  const [whorl, models, devices] = await Promise.all(['whorl', 'whorl/models', 'whorl/devices'].map(load));
  for (const [module, name] of [
    [whorl, 'Daemon'],
    [whorl, 'loadConfig'],
    [models, 'readModelFile'],
    [models, 'windowFromCells'],
    [devices, 'openSensor'],
    [devices, 'simulateContact'],
  ] as const) {
    assert.equal(typeof module![name], 'function', name);
  }
});

test('every file that the package names exists', () => {
  const entries = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  for (const file of [...entries, ...Object.values(manifest.bin), ...manifest.files])
    assert.ok(existsSync(join(root, file)), file);
});
