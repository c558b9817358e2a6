/** Files that are no checkpoints of the published networks: what is wrong with them, where, and what was expected. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSafetensors, writeSafetensors } from '../../../models/format/safetensors.js';
import { type CheckpointLayout, type CheckpointOptions, importCheckpoint } from '../../../models/index.js';
import {
  asGeometric2,
  hybridLifState,
  hybridSrmState,
  type StateDict,
  tactileSgnetState,
} from '../../support/published-checkpoints.js';

const bins = 24;
const lif = hybridLifState(bins);
const geometric2 = asGeometric2(lif);
const srm = hybridSrmState(bins);
const fused = hybridSrmState(bins, { fuse: true });

/** With one tensor of this shape, all zeros. */
function sized(state: StateDict, name: string, ...shape: number[]): StateDict {
  return new Map([...state, [name, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }]]);
}

function without(state: StateDict, ...names: string[]): StateDict {
  return new Map([...state].filter(([name]) => !names.includes(name)));
}

/** With another value at index 3 of one tensor. */
function changed(state: StateDict, name: string, value: number): StateDict {
  const { shape, data } = state.get(name)!;
  return new Map([...state, [name, { shape, data: data.with(3, value) }]]);
}

interface Case {
  readonly from?: CheckpointLayout;
  readonly state: StateDict;
  readonly options?: Partial<CheckpointOptions>;
  readonly says: RegExp;
}

const names: Record<string, Case> = {
  'missing tensors': {
    state: without(lif, 'fc2.bias', 'conv2.lin.weight'),
    says: /^not a checkpoint of hybrid-lif-gnn: missing: fc2\.bias, conv2\.lin\.weight$/,
  },
  'tensors left over': { state: sized(lif, 'fc4.weight', 2, 2), says: /: left over: fc4\.weight$/ },
  'a hop is missing': {
    state: without(geometric2, 'conv1.lins.3.weight'),
    says: /missing: conv1\.lins\.3\.weight$/,
  },
  'another layout': {
    from: 'tactilesgnet',
    state: lif,
    options: { bins },
    says: /left over: conv2\.lin\.weight, .*; these are the tensors of hybrid-lif-gnn$/,
  },
  'nothing at all': {
    from: 'hybrid-srm-fc',
    state: new Map(),
    says: /missing: fc1\.weight, fc2\.weight, locationFc1\.weight, locationFc2\.weight$/,
  },
  'many tensors of something else': {
    from: 'hybrid-srm-fc',
    state: new Map([
      ...srm,
      ...Array.from({ length: 20 }, (_, i) => [`w${i}`, srm.get('fc1.weight')!] as const),
    ]),
    says: /left over: w0, w1, .*, w15 and 4 more$/,
  },
};

const lifShapes: Record<string, Case> = {
  'another number of taxels': {
    state: sized(lif, 'fc1.weight', 9, 240),
    says: /^tensor fc1\.weight is \[9, 240\], expected \[any, 234\]: fc1 takes 234 = 39 taxels x 6 channels of conv1$/,
  },
  'bins that are no whole number': {
    state: sized(lif, 'tfc1.weight', 9, 100),
    says: /^tensor tfc1\.weight has 100 columns, expected a multiple of 6: tfc1 takes bins x 6 channels of conv2$/,
  },
  'other bins than said': {
    state: lif,
    options: { bins: 25 },
    says: /^tensor tfc1\.weight is \[9, 144\], expected \[9, 150\]: tfc1 takes 150 = 25 bins x 6 channels of conv2; both/,
  },
  'layers that do not follow': {
    state: sized(lif, 'fc2.weight', 11, 10),
    says: /^tensor fc2\.weight is \[11, 10\], expected \[any, 9\]: the layer after fc1 takes its 9 outputs$/,
  },
  'another bias': {
    state: sized(lif, 'fc3.bias', 4),
    says: /^tensor fc3\.bias is \[4\], expected \[3\]: fc3 has 3 outputs, each with a bias$/,
  },
  'branches of other widths': {
    state: sized(sized(lif, 'tfc3.weight', 4, 11), 'tfc3.bias', 4),
    says: /^tensor tfc3\.weight is \[4, 11\], expected \[3, 11\]: .*both branches have the same widths$/,
  },
  'branches of other channels': {
    state: sized(lif, 'conv2.lin.weight', 5, 16),
    says: /^tensor conv2\.lin\.weight is \[5, 16\], expected \[6, 16\]: both branches/,
  },
  'features of no whole finger': {
    state: sized(lif, 'conv1.lin.weight', 6, 12),
    says: /^conv1 takes 12 features of a node, expected 8 for one finger or 16 for two/,
  },
  'hops that differ': {
    state: sized(geometric2, 'conv1.lins.2.weight', 6, 2),
    says: /^the hops of conv1 are \[6, 4\] and \[6, 2\]: they must be alike$/,
  },
  'a matrix that is none': {
    state: sized(lif, 'conv1.lin.weight', 96),
    says: /^tensor conv1\.lin\.weight is \[96\], expected \[any, any\]/,
  },
  'no outputs': {
    state: sized(lif, 'fc1.weight', 0, 234),
    says: /^tensor fc1\.weight is \[0, 234\], expected/,
  },
};

const srmShapes: Record<string, Case> = {
  'inputs of no whole finger': {
    state: sized(srm, 'fc1.weight', 8, 100, 1, 1, 1),
    says: /^tensor fc1\.weight is \[8, 100, 1, 1, 1\], expected 78 or 156 columns: 39 taxels x 2 polarities x one or two fingers$/,
  },
  'a dense layer of another kind': {
    state: sized(srm, 'fc2.weight', 3, 8),
    says: /^tensor fc2\.weight is \[3, 8\], expected \[any, 8, 1, 1, 1\]: SLAYER's dense layers are/,
  },
  'other bins than said': {
    state: srm,
    options: { bins: 25 },
    says: /^tensor locationFc1\.weight is \[8, 24, 1, 1, 1\], expected \[8, 25, 1, 1, 1\]/,
  },
  'other neurons': {
    state: changed(srm, 'slayer.srmKernel', 0.9),
    says: /^tensor slayer\.srmKernel has 0\.89\d* at index 3, the published neuron .* has 0\.604\d*: neurons with other constants/,
  },
  'longer kernels': {
    state: sized(srm, 'slayer.refKernel', 12),
    says: /^tensor slayer\.refKernel is \[12\], expected \[11\]: the taps of the published neuron$/,
  },
  'a layer behind one branch': {
    state: fused,
    options: { branches: 'time' },
    says: /^tensor outputFc\.weight takes the outputs of both branches/,
  },
};

const settings: Record<string, Case> = {
  'unknown bins': {
    from: 'tactilesgnet',
    state: tactileSgnetState(),
    says: /^no tensor tells how many bins a window has: give bins \(published: 325, slip 150/,
  },
  'too few labels': {
    state: lif,
    options: { labels: ['a'] },
    says: /^1 labels for 3 classes: the last layer has 3 outputs$/,
  },
  'edges beyond the taxels': {
    state: lif,
    options: { taxelEdges: [[1, 39]] },
    says: /edge \[1,39\] leaves the 39 nodes/,
  },
};

for (const [what, layout, cases] of [
  ['names', 'hybrid-lif-gnn', names],
  ['shapes of LIF networks', 'hybrid-lif-gnn', lifShapes],
  ['shapes of SRM networks', 'hybrid-srm-fc', srmShapes],
  ['what was said about the network', 'hybrid-lif-gnn', settings],
] as const)
  describe(`refused for its ${what}:`, () => {
    for (const [name, { from = layout, state, options, says }] of Object.entries(cases))
      test(name, () => {
        const bytes = writeSafetensors({ tensors: state, metadata: {} });
        assert.throws(
          () => importCheckpoint(bytes, from, { name: 'imported', ...options }),
          (error: Error) => {
            assert.equal(error.name, 'NetworkError');
            assert.match(error.message, says);
            return true;
          },
        );
      });
  });

test('tensors that are not float32', () => {
  const bytes = Buffer.from(writeSafetensors({ tensors: srm, metadata: {} }));
  bytes.write('F16', bytes.indexOf('F32'));
  assert.throws(
    () => importCheckpoint(bytes, 'hybrid-srm-fc', { name: 'half' }),
    /tensor "slayer\.srmKernel" has type F16; only F32 is supported \(in PyTorch: tensor\.float\(\)\)/,
  );
});

describe('PyTorch files', () => {
  const files = {
    zip: Buffer.from('PK\x03\x04\x00\x00\x00\x00\x00\x00archive/data.pkl', 'latin1'),
    pickle: Buffer.from('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.', 'latin1'),
  };
  for (const [what, bytes] of Object.entries(files))
    test(`a ${what} is not opened; the error holds the Python that converts it`, () => {
      assert.throws(
        () => importCheckpoint(bytes, 'hybrid-lif-gnn', { name: 'x' }),
        /does not open pickles[\s\S]*weights_only=True[\s\S]*save_file\(/,
      );
    });

  test('a safetensors file whose header begins like a pickle or a zip is still one', () => {
    for (const start of [0x80, 0x50]) {
      const metadata = { filler: '' };
      const write = (): Uint8Array => writeSafetensors({ tensors: new Map(), metadata });
      while (write()[0] !== start) metadata.filler += ' ';
      assert.equal(readSafetensors(write()).tensors.size, 0);
      assert.throws(
        () => importCheckpoint(write(), 'tactilesgnet', { name: 'x' }),
        /missing: conv1\.lin\.weight/,
      );
    }
  });
});
