/**
 * The hot loops of the event engine: arrays in, arrays out; they know no network. Two implementations do the same
 * additions in the same order: plain JavaScript (here: the yardstick, and the fallback) and WebAssembly SIMD (simd/).
 */
import { type Adjacency, propagateHops } from '../../graph/adjacency.js';
import type { LifSpec, TagConvSpec } from '../../network/spec.js';
import { sumBlock } from '../../network/summation.js';
import { smallestNormal } from '../../neurons/lif.js';
import type { Srm } from '../../neurons/srm.js';
import { plainProducts } from './plain-products.js';
import { plainRespond } from './srm/respond.js';
import type { SrmScan } from './srm/srm-branch.js';
import { type LocationArrays, type LocationWork, plainLocationWork } from './stream/location-work.js';

/** Indices of inputs or neurons that are on at a step: the first `count` entries of `index`, ascending. */
export interface ActiveList {
  readonly index: Uint32Array;
  count: number;
}

/** A layer's weights, turned so that what one input adds to all currents lies in one piece. */
export interface Rows {
  /** [fan-in, stride]: row i is what input i adds to the currents. */
  readonly weight: Float32Array;
  /** [stride] */
  readonly bias: Float32Array;
  /** Outputs of the layer (a node, for a graph convolution). */
  readonly outputs: number;
  /** Distance of rows and of groups of membranes in floats: `outputs`, rounded up to what the kernels need. */
  readonly stride: number;
}

export interface Kernels {
  readonly mode: 'simd' | 'plain';
  stride(outputs: number): number;
  /** Arrays that these kernels can work on, all zeros. */
  floats(length: number): Float32Array;
  indices(length: number): Uint32Array;
  bytes(length: number): Uint8Array;

  /**
   * Hop features [nodes, fan-in] of a graph convolution from its active inputs (node * inputs + channel).
   * @returns multiply-adds: those of spreading, and `outputs` for every feature that is not zero
   */
  spread(adjacency: Adjacency, conv: TagConvSpec, active: ActiveList, features: Float32Array): number;

  /**
   * Currents of a graph convolution from its hop features [nodes, fanIn], then its neurons: membrane potentials go from
   * u(n-1) to u(n), spikes to `out`.
   */
  convolve(
    rows: Rows,
    lif: LifSpec,
    nodes: number,
    fanIn: number,
    features: Float32Array,
    membrane: Float32Array,
    out: ActiveList,
  ): void;

  /**
   * Currents of a dense layer from its active inputs, summed as network/summation.ts says, then its neurons; spikes go
   * to `out`. `sums` is working memory: [blocks, stride].
   */
  dense(
    rows: Rows,
    lif: LifSpec,
    active: ActiveList,
    sums: Float32Array,
    membrane: Float32Array,
    out: ActiveList,
  ): void;

  // The pieces of `dense`, for streams: what one block adds, the sum of two rows, and the neurons.

  /** Adds up one block, entries `from` to `to` of `index`, into the row at `at` of `sums`; the first starts from the bias. */
  sumBlock(
    rows: Rows,
    first: boolean,
    index: Uint32Array,
    from: number,
    to: number,
    sums: Float32Array,
    at: number,
  ): void;
  /** sums[to] = sums[a] + sums[b], rows of `stride` floats. */
  addPair(stride: number, sums: Float32Array, to: number, a: number, b: number): void;
  /** Neurons of a layer from the currents at `at` of `sums`. */
  fire(
    rows: Rows,
    lif: LifSpec,
    sums: Float32Array,
    at: number,
    membrane: Float32Array,
    out: ActiveList,
  ): void;

  /**
   * Spike-response neurons of a layer at the steps `from` to `to`: membrane potentials from `currents`, which are zero
   * from step `until` on, then spikes, and `history` for the step after.
   */
  respond(srm: Srm, rows: Rows, scan: SrmScan, from: number, to: number, until: number): void;

  /**
   * For training: the inner products of `row` [stride] with the rows named by `active`, each into its place in `out`
   * [fan-in]; places that are not named stay as they are. Eight float32 sums side by side, which are then added pairwise.
   */
  products(rows: Rows, row: Float32Array, active: ActiveList, out: Float32Array): void;

  /** All that a new bin makes to be done in the location branch of a stream. */
  locationWork(arrays: LocationArrays): LocationWork;
}

export const plainKernels: Kernels = {
  mode: 'plain',
  stride: (outputs) => outputs,
  floats: (length) => new Float32Array(length),
  indices: (length) => new Uint32Array(length),
  bytes: (length) => new Uint8Array(length),
  locationWork: plainLocationWork,
  respond: plainRespond,
  products: plainProducts,

  spread(adjacency, { hops, inputs, outputs }, active, features) {
    const fanIn = (hops + 1) * inputs;
    features.fill(0);
    for (let i = 0; i < active.count; i++) {
      const at = active.index[i]!;
      const channel = at % inputs;
      features[((at - channel) / inputs) * fanIn + channel] = 1;
    }
    const operations = propagateHops(adjacency, hops, inputs, features);
    let nonZero = 0;
    for (let i = 0; i < features.length; i++) if (features[i] !== 0) nonZero++;
    return operations + nonZero * outputs;
  },

  convolve(rows, lif, nodes, fanIn, features, membrane, out) {
    const { outputs, bias, weight } = rows;
    const current = new Float32Array(outputs);
    out.count = 0;
    for (let node = 0; node < nodes; node++) {
      current.set(bias);
      for (let f = 0; f < fanIn; f++) {
        const value = features[node * fanIn + f]!;
        if (value !== 0) addScaledRow(current, weight, f, value);
      }
      fireLif(lif, membrane, current, outputs, node * outputs, out);
    }
  },

  dense(rows, lif, active, sums, membrane, out) {
    sumRows(sums, rows, active);
    out.count = 0;
    fireLif(lif, membrane, sums, rows.outputs, 0, out);
  },

  sumBlock({ weight, bias, outputs }, first, index, from, to, sums, at) {
    if (first) sums.set(bias, at);
    else sums.fill(0, at, at + outputs);
    addRows(sums, at, weight, outputs, index, from, to);
  },

  addPair: (stride, sums, to, a, b) => addPair(sums, to, a, b, stride),

  fire(rows, lif, sums, at, membrane, out) {
    out.count = 0;
    fireLif(lif, membrane, sums.subarray(at, at + rows.outputs), rows.outputs, 0, out);
  },
};

/** Bias plus the rows named by `active`, block by block and then pairwise; the first row of `sums` holds the currents. */
function sumRows(sums: Float32Array, { weight, bias, outputs }: Rows, { index, count }: ActiveList): void {
  sums.fill(0);
  sums.set(bias);
  for (let k = 0; k < count; ) {
    const block = Math.floor(index[k]! / sumBlock);
    let end = k + 1;
    while (end < count && index[end]! < (block + 1) * sumBlock) end++;
    addRows(sums, block * outputs, weight, outputs, index, k, end);
    k = end;
  }
  for (let used = sums.length / outputs; used > 1; used = Math.ceil(used / 2)) {
    for (let pair = 0; 2 * pair < used; pair++) {
      addPair(
        sums,
        pair * outputs,
        2 * pair * outputs,
        2 * pair + 1 < used ? (2 * pair + 1) * outputs : -1,
        outputs,
      );
    }
  }
}

function addPair(sums: Float32Array, to: number, a: number, b: number, width: number): void {
  for (let j = 0; j < width; j++) {
    sums[to + j] = b < 0 ? sums[a + j]! : Math.fround(sums[a + j]! + sums[b + j]!);
  }
}

/**
 * Adds to `sums` [width], at `to`, the rows named by the entries `k` to `end` of `index`. Four rows a pass, so that a
 * sum is loaded and stored once for four additions; the order of additions stays that of `index`.
 */
function addRows(
  sums: Float32Array,
  to: number,
  rows: Float32Array,
  width: number,
  index: Uint32Array,
  k: number,
  end: number,
): void {
  const { fround } = Math;
  for (; k + 4 <= end; k += 4) {
    const a = index[k]! * width;
    const b = index[k + 1]! * width;
    const c = index[k + 2]! * width;
    const d = index[k + 3]! * width;
    for (let j = 0; j < width; j++) {
      const two = fround(fround(sums[to + j]! + rows[a + j]!) + rows[b + j]!);
      sums[to + j] = fround(fround(two + rows[c + j]!) + rows[d + j]!);
    }
  }
  for (; k < end; k++) {
    const a = index[k]! * width;
    for (let j = 0; j < width; j++) sums[to + j] = fround(sums[to + j]! + rows[a + j]!);
  }
}

/** Adds `factor` times row `row` of `rows` to `current`. */
function addScaledRow(current: Float32Array, rows: Float32Array, row: number, factor: number): void {
  const { fround } = Math;
  const width = current.length;
  const a = row * width;
  const f = fround(factor);
  for (let j = 0; j < width; j++) current[j] = fround(current[j]! + fround(rows[a + j]! * f));
}

/** One LIF step (see neurons/lif.ts) of the `width` neurons from `first` on; those that fire are appended to `out`. */
function fireLif(
  lif: LifSpec,
  membrane: Float32Array,
  current: Float32Array,
  width: number,
  first: number,
  out: ActiveList,
): void {
  const { fround, abs } = Math;
  const keep = fround(lif.decay);
  const limit = fround(lif.threshold);
  const { index } = out;
  let { count } = out;
  for (let j = 0; j < width; j++) {
    const last = membrane[first + j]!;
    let u = fround((last > limit ? 0 : fround(keep * last)) + current[j]!);
    if (abs(u) < smallestNormal) u = 0;
    membrane[first + j] = u;
    if (u > limit) index[count++] = first + j;
  }
  out.count = count;
}
