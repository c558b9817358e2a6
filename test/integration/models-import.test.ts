/** `whorl models import` as a process: what it writes and says. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { toSafetensors } from '../../models/format/checkpoint/pickle.js';
import { writeSafetensors } from '../../models/format/safetensors.js';
import { readModelFile } from '../../models/index.js';
import { run } from '../support/command.js';
import { root } from '../support/paths.js';
import { needs } from '../support/programs.js';
import { hybridLifState, hybridSrmState, type StateDict } from '../support/published-checkpoints.js';
import { temporaryFolder } from '../support/small-model.js';

const folder = temporaryFolder();

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function checkpoint(name: string, state: StateDict): string {
  return file(name, writeSafetensors({ tensors: state, metadata: {} }));
}

test('a slip checkpoint becomes a model that inspect verifies, with its labels and where it came from', {
  timeout: 60_000,
}, async (t) => {
  const state = hybridLifState(150, { classes: 2, first: 2 });
  const source = checkpoint('slip.safetensors', state);
  const labels = file('labels.json', '["stable", "slip"]');
  const out = join(folder, 'slip-model.safetensors');
  const args = ['--from', 'hybrid-lif-gnn', source, '--out', out, '--name', 'slip', '--labels', labels];
  const { code, stdout, stderr } = await run(t, ['models', 'import', ...args]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^left out as the published code does: fc2\.weight, fc2\.bias, .*tfc3\.bias$/m);
  assert.match(stdout, /^wrote .*: 2 classes, 150 bins of 1 ms, [\d,]+ parameters$/m);

  const inspected = await run(t, ['inspect', out, '--json']);
  assert.equal(inspected.code, 0, inspected.stderr);
  const about = JSON.parse(inspected.stdout);
  assert.deepEqual(about.selfTest, { ok: true, windows: 4, faults: [] });
  assert.deepEqual(about.spec.labels, ['stable', 'slip']);
  assert.equal(about.spec.name, 'slip');
  const { importedFrom, sha256, options, unused } = about.training;
  assert.equal(importedFrom, 'slip.safetensors');
  assert.equal(sha256, createHash('sha256').update(readFileSync(source)).digest('hex'));
  assert.equal(options.from, 'hybrid-lif-gnn');
  assert.equal(unused.length, 8);
});

test('graph, orders and bins are taken from options and files', { timeout: 60_000 }, async (t) => {
  const lif = checkpoint('lif.safetensors', hybridLifState(12));
  const srm = checkpoint('srm.safetensors', hybridSrmState(12));
  const edges = file('edges.json', '[[0, 1], [1, 0]]');
  const backwards = Array.from({ length: 39 }, (_, i) => 39 - i);
  const order = file('order.json', JSON.stringify(backwards));
  const [a, b] = [join(folder, 'a.safetensors'), join(folder, 'b.safetensors')];
  const graph = ['--edges', edges, '--temporal', 'dense', '--order', 'arch', '--bin-ms', '5'];
  const results = await Promise.all([
    run(t, ['models', 'import', lif, '--from', 'hybrid-lif-gnn', '-o', a, ...graph]),
    run(t, [
      'models',
      'import',
      srm,
      '--from',
      'hybrid-srm-fc',
      '-o',
      b,
      '--order',
      order,
      '--labels',
      'x, y,z',
    ]),
  ]);
  for (const { code, stderr } of results) assert.equal(code, 0, stderr);
  const { spec } = await readModelFile(a);
  assert.equal(spec.name, 'hybrid-lif-gnn');
  assert.equal(spec.input.binUs, 5000);
  assert.deepEqual(spec.time!.layers[0], {
    kind: 'tagconv',
    graph: {
      kind: 'edges',
      nodes: 39,
      edges: [
        [0, 1],
        [1, 0],
      ],
    },
    ...{ hops: 3, inputs: 4, outputs: 6 },
  });
  assert.deepEqual(spec.location!.order!.slice(0, 4), [10, 24, 34, 3]); // published numbers 11, 25, 35, 4
  const other = (await readModelFile(b)).spec;
  assert.deepEqual(other.labels, ['x', 'y', 'z']);
  assert.deepEqual(other.location!.order!.slice(0, 3), [152, 153, 148]); // row 38 ON and OFF, then row 37
});

test('a PyTorch file is refused with the Python that converts it, and nothing is written', {
  timeout: 30_000,
}, async (t) => {
  const source = file('weights_best.pt', Buffer.from('PK\x03\x04\x00\x00\x00\x00\x00\x00', 'latin1'));
  const out = join(folder, 'none.safetensors');
  const { code, stdout, stderr } = await run(t, [
    'models',
    'import',
    '--from',
    'hybrid-srm-fc',
    source,
    '-o',
    out,
  ]);
  assert.deepEqual([code, stdout], [1, '']);
  assert.ok(stderr.startsWith(`whorl: ${source}: this is a PyTorch file`), stderr);
  assert.ok(stderr.includes(toSafetensors));
  assert.equal(existsSync(out), false);
});

test('the Python is the one in models/README.md', () => {
  assert.ok(
    readFileSync(join(root, 'models', 'README.md'), 'utf8').includes(`\`\`\`python\n${toSafetensors}\`\`\``),
  );
});

test('and Python reads it', { skip: needs('python3') }, async () => {
  const path = file('to_safetensors.py', toSafetensors);
  await promisify(execFile)('python3', ['-m', 'py_compile', path]);
});
