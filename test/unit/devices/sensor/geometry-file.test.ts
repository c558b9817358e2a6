import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { GeometryError, neutouchB, parseGeometry, readGeometry } from '../../../../devices/index.js';

function issuesOf(input: unknown): string[] {
  try {
    parseGeometry(input);
  } catch (error) {
    assert.ok(error instanceof GeometryError);
    return error.issues.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

suite('a geometry file', () => {
  test('lists taxels, with z and channels where they matter', () => {
    const geometry = parseGeometry({
      id: 'pad',
      taxels: [{ p: [1, 2] }, { p: [3, 4, 0.5], raw: 17 }],
      orders: { back: [1, 0] },
    });
    assert.deepEqual(geometry, {
      id: 'pad',
      unit: 'mm',
      taxels: [
        { x: 1, y: 2, z: 0, raw: 0 },
        { x: 3, y: 4, z: 0.5, raw: 17 },
      ],
      orders: { back: [1, 0], row: [0, 1] },
    });
  });

  test('or describes a grid, whose cells a permutation may give to the rows of the data', () => {
    const geometry = parseGeometry({ id: 'mat', grid: { rows: 1, cols: 3, pitch: [2, 2] }, perm: [2, 0, 1] });
    assert.deepEqual(
      geometry.taxels.map(({ x, raw }) => [x, raw]),
      [
        [2, 2],
        [-2, 0],
        [0, 1],
      ],
    );
  });

  test('is refused with everything that is wrong, each with its path', () => {
    const issues = issuesOf({
      id: 'Not A Name',
      taxels: [{ p: [1] }, { p: [0, Number.NaN] }, { p: [0, 0], raw: -1 }, { p: [0, 0], raw: 0 }],
      orders: { twice: [0, 0, 1, 2], row: [0, 1, 2, 3] },
      perm: [1, 2, 3, 4],
      colour: 'red',
    });
    const paths = issues.map((issue) => issue.slice(0, issue.indexOf(':'))).sort();
    assert.deepEqual(paths, [
      '',
      'id',
      'orders.row',
      'orders.twice',
      'perm',
      'taxels.0.p',
      'taxels.1.p',
      'taxels.2.raw',
      'taxels.3.raw',
    ]);
    assert.ok(issues.some((issue) => issue.includes('colour')));
    assert.ok(issues.includes('taxels.3.raw: channel 0 is taken by taxel 0'));
    assert.ok(issues.includes('perm: must hold each of 0 .. 3 exactly once'));
  });

  test('needs taxels or a grid, and not both', () => {
    const message = ': needs either "taxels" or "grid", and not both';
    assert.ok(issuesOf({ id: 'a' }).includes(message));
    const both = { id: 'a', taxels: [{ p: [0, 0] }], grid: { rows: 1, cols: 1, pitch: [1, 1] } };
    assert.ok(issuesOf(both).includes(message));
  });

  test('has at most 4096 taxels, which is checked before anything is built', () => {
    const grid = { rows: 64, cols: 64, pitch: [1, 1] };
    assert.deepEqual(issuesOf({ id: 'mat', grid }), []);
    assert.deepEqual(issuesOf({ id: 'mat', grid: { ...grid, cols: 65 } }), [
      ': has 4160 taxels; at most 4096 are allowed',
    ]);
    assert.deepEqual(issuesOf({ id: 'mat', taxels: new Array(5000).fill(null) }).length, 1);
  });

  test('shows at most 50 issues', () => {
    assert.equal(issuesOf({ id: 'a', taxels: new Array(400).fill({}) }).length, 50);
    assert.throws(() => parseGeometry({ id: 'a', taxels: new Array(400).fill({}) }), /and 350 more/);
  });

  test('may be nonsense of any kind', () => {
    for (const input of [null, undefined, 7, 'x', [], {}, { taxels: 3, grid: [], orders: 1 }]) {
      assert.ok(issuesOf(input).length > 0, JSON.stringify(input));
    }
  });
});

suite('reading a geometry', () => {
  test('a built-in one by its name', async () => assert.equal(await readGeometry('neutouch-b'), neutouchB));

  test('one from a file; what is wrong is told with the path of the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'whorl-geometry-'));
    try {
      const path = join(folder, 'pad.json');
      await writeFile(path, '{"id": "pad", "taxels": [{"p": [1, 2]}]}');
      assert.equal((await readGeometry(path)).taxels[0]?.y, 2);
      await writeFile(path, '{"id": "pad", "taxels": [{"p": [1]}]}');
      await assert.rejects(readGeometry(path), new RegExp(`${path}: taxels\\.0\\.p: a position`));
      await writeFile(path, '{"id": ');
      await assert.rejects(readGeometry(path), /is not JSON/);
      await writeFile(path, ' '.repeat(5 * 1024 * 1024));
      await assert.rejects(readGeometry(path), /at most 4194304 are read/);
      await assert.rejects(readGeometry(folder), /is not a file/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a name that is neither is refused with the names there are', async () =>
    assert.rejects(
      readGeometry('neutouch-z'),
      /no built-in geometry: neutouch-a, neutouch-b, neutouch-published/,
    ));
});
