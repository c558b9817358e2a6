import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSafetensors, writeSafetensors } from '../../../models/format/safetensors.js';
import { type Model, NetworkError, readModel, writeModel } from '../../../models/index.js';
import * as fc from '../../support/fast-check.js';
import { tinyGolden } from '../../support/golden.js';

const float = fc
  .float({ noNaN: true, noDefaultInfinity: true })
  .map((x) => (Math.abs(x) < 2 ** -126 ? 0 : x));
const tensors = fc
  .dictionary(
    fc.string({ minLength: 1, maxLength: 12 }).filter((name) => !name.startsWith('__')),
    fc.array(float, { maxLength: 20 }),
  )
  .map(
    (entries) =>
      new Map(
        Object.entries(entries).map(([name, data]) => [
          name,
          { shape: [data.length], data: Float32Array.from(data) },
        ]),
      ),
  );

test('whatever is written is read back', () => {
  fc.assert(
    fc.property(tensors, fc.dictionary(fc.string(), fc.string()), (written, metadata) => {
      const read = readSafetensors(writeSafetensors({ tensors: written, metadata }));
      assert.deepEqual([...read.tensors], [...written]);
      assert.deepEqual({ ...read.metadata }, { ...metadata });
    }),
  );
});

test('any damage is refused with a NetworkError or leaves a readable file; nothing else is thrown', () => {
  const good = writeSafetensors({
    tensors: new Map([['a.weight', { shape: [2, 3], data: new Float32Array([1, 2, 3, 4, 5, 6]) }]]),
    metadata: { k: 'v' },
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(good.length),
      (flips, keep) => {
        const bytes = good.slice(0, keep === 0 ? good.length : keep);
        for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
        try {
          readSafetensors(bytes);
        } catch (error) {
          assert.ok(error instanceof NetworkError, String(error));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

/** A file with this header over `dataBytes` bytes of zeros. */
function file(header: string, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const entry = (shape: string, offsets: string, dtype = 'F32'): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

test('each way of being wrong has its own message', () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ['too short', new Uint8Array(4), /too few/],
    ['2 GB header', Uint8Array.from([0, 0, 0, 128, 0, 0, 0, 0, 123, 125]), /claims 2147483648 bytes/],
    ['not JSON', file('{"a":', 0), /not JSON/],
    ['not an object', file('[]', 0), /not a JSON object/],
    [
      'duplicate name',
      file(`{"a":${entry('[1]', '[0,4]')},"\\u0061":${entry('[1]', '[4,8]')}}`, 8),
      /"a" stands twice/,
    ],
    ['type', file(`{"a":${entry('[1]', '[0,8]', 'F64')}}`, 8), /type F64/],
    ['shape', file(`{"a":${entry('[-1]', '[0,4]')}}`, 4), /no valid shape/],
    ['huge shape', file(`{"a":${entry('[4294967296,4294967296]', '[0,4]')}}`, 4), /needs/],
    ['beyond the end', file(`{"a":${entry('[2]', '[0,8]')}}`, 4), /lies at 0..8 of 4/],
    [
      'overlap',
      file(`{"a":${entry('[1]', '[0,4]')},"b":${entry('[1]', '[0,4]')}}`, 4),
      /starts at data byte 0, expected 4/,
    ],
    ['gap', file(`{"a":${entry('[1]', '[4,8]')}}`, 8), /expected 0/],
    ['left over', file(`{"a":${entry('[1]', '[0,4]')}}`, 8), /4 bytes after the last tensor/],
    ['metadata', file('{"__metadata__":{"a":1}}', 0), /not a string/],
  ];
  for (const [name, bytes, message] of cases) assert.throws(() => readSafetensors(bytes), message, name);
});

test('NaN and infinite weights are refused, denormal ones become zero', () => {
  const write = (value: number): Uint8Array =>
    writeSafetensors({
      tensors: new Map([['a', { shape: [1], data: new Float32Array([value]) }]]),
      metadata: {},
    });
  assert.throws(() => readSafetensors(write(Number.NaN)), /"a" holds NaN at index 0/);
  assert.throws(() => readSafetensors(write(Number.NEGATIVE_INFINITY)), /-Infinity/);
  assert.equal(readSafetensors(write(1e-40)).tensors.get('a')!.data[0], 0);
});

test('limits hold before anything is allocated', () => {
  const bytes = file('{}', 0);
  assert.throws(() => readSafetensors(bytes, { fileBytes: 5, headerBytes: 100, tensors: 1 }), /limit of 5/);
  assert.throws(() => readSafetensors(bytes, { fileBytes: 100, headerBytes: 1, tensors: 1 }), /limit is 1/);
});

const content = (): Omit<Model, 'id' | 'sha256'> => ({
  ...tinyGolden().network,
  version: '3',
  training: { seed: 4, data: 'simulator' },
  metrics: { accuracy: 0.5 },
  selfTest: [{ cellDeltas: [1, 2], time: [0, 0, 0], location: [0, 0, 0], label: 0 }],
});

test('a model file carries spec, version, provenance, metrics and self-test', () => {
  const written = content();
  const model = readModel(writeModel(written), 'ignored');
  assert.equal(model.id, 'tiny');
  assert.match(model.sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(
    { version: model.version, training: model.training, metrics: model.metrics, selfTest: model.selfTest },
    { version: '3', training: written.training, metrics: written.metrics, selfTest: written.selfTest },
  );
  assert.deepEqual(JSON.parse(JSON.stringify(model.spec)), JSON.parse(JSON.stringify(written.spec)));
});

test('a model whose spec lies about its tensors is refused', () => {
  const { spec, ...rest } = content();
  const read = readSafetensors(writeModel({ spec, ...rest }));
  const change = (key: string, value: unknown): Uint8Array =>
    writeSafetensors({
      tensors: read.tensors,
      metadata: {
        ...read.metadata,
        [`whorl.${key}`]: typeof value === 'string' ? value : JSON.stringify(value),
      },
    });
  const cases: [string, unknown, RegExp][] = [
    ['format', '2', /format 2 is not supported/],
    ['spec', { ...spec, input: { ...spec.input, bins: 10 } }, /location\.conv: graph of 9 nodes/],
    ['spec', { ...spec, labels: ['a', 'b'] }, /3 outputs for 2 labels/],
    ['spec', { ...spec, extra: 1 }, /extra/],
    ['spec', { ...spec, input: { ...spec.input, bins: 1e9 } }, /input\.bins/],
    ['spec', { ...spec, time: { ...spec.time, neuron: { ...spec.time!.neuron, decay: 1.5 } } }, /decay/],
    ['spec', '{', /spec is not JSON/],
    ['version', '../x', /version/],
    ['selfTest', [{ cellDeltas: [-1], label: 0 }], /cellDeltas/],
  ];
  for (const [key, value, message] of cases)
    assert.throws(() => readModel(change(key, value), 'x'), message, `${key} ${JSON.stringify(value)}`);
});

test('a header of very many keys is refused at once', () => {
  const header = `{${Array.from({ length: 300_000 }, (_, i) => `"${i}a":0`).join(',')}}`;
  assert.throws(() => readSafetensors(file(header, 0)), /300000 tensors are more than the limit/);
});

test('a header with one very long string is read', () => {
  const header = JSON.stringify({ __metadata__: { text: '"'.repeat(8e6 - 100) } });
  assert.equal(readSafetensors(file(header, 0)).metadata['text']!.length, 8e6 - 100);
});

test('a header that nests too deep is refused with a NetworkError', () => {
  const deep = '['.repeat(1e6) + ']'.repeat(1e6);
  assert.throws(
    () => readSafetensors(file(`{"a":${deep}}`, 0)),
    (error) => error instanceof NetworkError && /nest deeper than 32/.test(error.message),
  );
});
