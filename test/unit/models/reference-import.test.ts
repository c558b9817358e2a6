/** Files in the layout of the golden set are read as they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeSafetensors } from '../../../models/format/safetensors.js';
import { readModel, type Tensor } from '../../../models/index.js';
import { tinyGolden } from '../../support/golden.js';

const { network } = tinyGolden();
const tensors = new Map(
  [...network.weights].map(([name, tensor]) => [name.replace(/^time\./, 'spatial.'), tensor]),
);
const conv = network.spec.time!.layers[0]!;
const edges = conv.kind === 'tagconv' && conv.graph.kind === 'edges' ? conv.graph.edges : [];

function read(metadata: Record<string, string>, some: ReadonlyMap<string, Tensor> = tensors) {
  const spatialEdges = JSON.stringify(edges);
  return readModel(writeSafetensors({ tensors: some, metadata: { spatialEdges, ...metadata } }), 'tiny');
}

function where(keep: (name: string) => boolean): Map<string, Tensor> {
  return new Map([...tensors].filter(([name]) => keep(name)));
}

test('both branches: the network of the golden file, with numbers for labels', () => {
  const { spec, weights } = read({});
  assert.deepEqual(spec, {
    ...network.spec,
    labels: ['0', '1', '2'],
    input: { ...network.spec.input, binUs: 20_000 },
  });
  assert.deepEqual(new Map(weights), new Map(network.weights));
});

test('the time branch alone, with its bins in the metadata', () => {
  const time = where((name) => name.startsWith('spatial.'));
  const { spec } = read({ bins: '12' }, time);
  assert.deepEqual([spec.input.bins, spec.location], [12, undefined]);
  assert.throws(() => read({}, time), /metadata "bins" is not an integer/);
});

test('missing tensors, tensors left over and broken edges are told', () => {
  assert.throws(
    () =>
      read(
        {},
        where((name) => name !== 'location.fc2.bias'),
      ),
    /^NetworkError: checkpoint: missing: location\.fc2\.bias$/,
  );
  assert.throws(
    () =>
      read(
        {},
        where((name) => name !== 'location.conv.weight'),
      ),
    /left over: location\.conv\.bias/,
  );
  assert.throws(() => read({ spatialEdges: '[[0]]' }), /"spatialEdges" is not a JSON list/);
});
