import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../support/paths.js';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  bin: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
  files: string[];
};
/** Is in the checkout only while it is packed. */
const whilePacking = join('dist', 'node_modules');

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
  for (const file of [...entries, ...Object.values(manifest.bin), ...inCheckout()])
    assert.ok(existsSync(join(root, file)), file);
});

function inCheckout(): string[] {
  return manifest.files.filter((file) => file !== whilePacking);
}

test('no copy of gpu.js is left where it would hide the installed one', () => {
  assert.ok(
    !existsSync(join(root, whilePacking)),
    'npm pack was interrupted: node dist/test/pack.js --clean',
  );
});

/** What npm would pack, from a copy of the checkout: packing here would build anew under the other tests. */
async function pack(t: TestContext): Promise<{ folder: string; files: string[]; megabytes: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'whorl-pack-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const file of ['package.json', 'README.md', 'LICENSE', ...inCheckout()])
    cpSync(join(root, file), join(folder, file), { recursive: true });
  const run = promisify(execFile);
  await run(process.execPath, [join(root, 'dist', 'test', 'pack.js'), folder]);
  const flags = ['--dry-run', '--json', '--ignore-scripts', '--offline', '--no-update-notifier'];
  const { stdout } = await run('npm', ['pack', ...flags], { cwd: folder, maxBuffer: 2 ** 24 });
  const [{ files, unpackedSize }] = JSON.parse(stdout) as [
    { files: { path: string }[]; unpackedSize: number },
  ];
  return { folder, files: files.map(({ path }) => path), megabytes: unpackedSize / 1e6 };
}

test('the package has the program, the demo model and gpu.js; no tests, nothing native', async (t) => {
  const { folder, files, megabytes } = await pack(t);
  const has = (path: string): boolean => files.includes(path);
  assert.ok(has('dist/runtime/cli/main.js') && has('models/bundled/demo.safetensors'));
  assert.ok(has('dist/node_modules/gpu.js/LICENSE') && has('dist/node_modules/acorn/LICENSE'));
  assert.deepEqual(
    files.filter((path) => /^dist\/test|node_modules\/webgpu|\.(node|gyp)$/.test(path)),
    [],
  );
  assert.ok(megabytes < 6, `${megabytes} MB`);
  // Outside the checkout: what it requires must have been packed with it.
  const gpuJs = createRequire(join(folder, 'dist', 'models', 'index.js'))('gpu.js') as { GPU: unknown };
  assert.equal(typeof gpuJs.GPU, 'function');
});

test('installing whorl brings no gpu.js by itself, and one package with native code: serialport’s, prebuilt', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; hasInstallScript?: boolean }>;
  };
  const installed = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
  const names = installed.map(([path]) => path.replace(/^.*node_modules\//, ''));
  for (const name of ['gpu.js', 'gl', 'webgpu']) assert.ok(!names.includes(name), name);
  assert.deepEqual(
    installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
    ['node_modules/@serialport/bindings-cpp'],
  );
});
