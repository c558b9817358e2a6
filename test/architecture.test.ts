import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { root } from './support/paths.js';

/** A third-party package may be imported only below these folders (a reason for each is in their DESIGN.md). */
const homes: Record<string, string[]> = {
  serialport: ['devices/transport', 'devices/discovery'],
  delaunator: ['models/graph'],
  yauzl: ['models/training'],
  'gpu.js': ['models/engine/gpu'],
  cborg: ['runtime/scale'],
  mqtt: ['runtime/publish'],
  aedes: ['runtime/broker'],
  pino: ['runtime/log'],
  commander: ['runtime/cli'],
  'prom-client': ['runtime/metrics'],
  yaml: ['runtime/config'],
  zod: [
    'devices/sensor',
    'models/format',
    'runtime/config',
    'runtime/publish',
    'runtime/scale',
    'runtime/swap',
    'runtime/edge',
  ],
};
const maxLines = 300;
const leaves = ['devices', 'models'];

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources: Source[] = ['devices', 'models', 'runtime', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
    .map((file) => {
      const path = `${folder}/${file}`;
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, imports: importsOf(text) };
    }),
);

function importsOf(text: string): string[] {
  const pattern = /\b(?:from|import|import\()\s*['"]([^'"\n]+)['"]/g;
  return [...text.matchAll(pattern)].map((match) => match[1]!);
}

/** Top folder a relative import leads to, and the path inside it. */
function target(source: Source, specifier: string): string {
  return relative(root, join(root, dirname(source.path), specifier));
}

function violations(check: (source: Source, specifier: string) => string | undefined): string[] {
  return sources.flatMap((source) =>
    source.imports.flatMap((specifier) => {
      const found = check(source, specifier);
      return found === undefined ? [] : [`${source.path} imports ${specifier}: ${found}`];
    }),
  );
}

test('there are sources to check', () => {
  assert.ok(sources.length > 10);
  assert.ok(sources.some((source) => source.imports.length > 0));
});

test('devices and models import nothing of ours outside themselves; nobody imports runtime; runtime uses their index', () => {
  const found = violations((source, specifier) => {
    if (!specifier.startsWith('.')) return undefined;
    const from = source.path.split('/')[0]!;
    const to = target(source, specifier);
    const folder = to.split('/')[0]!;
    if (from === folder || from === 'test') return undefined;
    if (leaves.includes(from)) return `${from} is a leaf`;
    if (from === 'runtime' && leaves.includes(folder) && to !== `${folder}/index.js`)
      return `only ${folder}/index.js is public`;
    if (folder === 'test') return 'test is nobody’s dependency';
    return undefined;
  });
  assert.deepEqual(found, []);
});

test('third-party packages stay in their homes', () => {
  const found = violations((source, specifier) => {
    if (specifier.startsWith('.') || specifier.startsWith('node:') || source.path.startsWith('test/'))
      return undefined;
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    const home = homes[name];
    if (home === undefined) return 'no home is named for it in this test';
    return home.some((folder) => source.path.startsWith(`${folder}/`) || source.path === `${folder}.ts`)
      ? undefined
      : `its home is ${home.join(', ')}`;
  });
  assert.deepEqual(found, []);
});

test(`no source file has more than ${maxLines} lines`, () => {
  const long = sources
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > maxLines);
  assert.deepEqual(long, []);
});

/** Packed into the published package (test/pack.ts), and so a dependency of the checkout only. */
const packed = 'gpu.js';

test('every dependency is used, and every used package is a dependency', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  assert.ok(packed in devDependencies);
  const used = new Set(
    sources
      .filter((source) => !source.path.startsWith('test/'))
      .flatMap((source) => source.imports)
      .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
      .map((specifier) =>
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
  );
  assert.deepEqual([...used].sort(), [...Object.keys(dependencies), packed].sort());
});
