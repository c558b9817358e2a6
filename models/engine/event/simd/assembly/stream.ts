/**
 * The location branch of a stream, see ../../stream/location-work.ts for the same in plain JavaScript. One call a bin
 * instead of a thousand: everything it needs lies in a job, an array of 32-bit numbers (addresses and counts).
 */
import { convolve } from './convolve';
import { dense } from './dense';
import { addPair, fireLayer, sumBlock } from './pieces';

/** Places in a job; ../location-work.ts fills them by the same names. */
const STEPS: usize = 0;
const BINS: usize = 4;
const INPUTS: usize = 8;
const HOPS: usize = 12;
const TOUCH: usize = 16;
const FEATURES: usize = 20;
const CONV_OUTPUTS: usize = 24;
const CONV_STRIDE: usize = 28;
const CONV_WEIGHT: usize = 32;
const CONV_BIAS: usize = 36;
const CONV_MEMBRANE: usize = 40;
const FIRED: usize = 44;
const BITS: usize = 48;
const BIT_WORDS: usize = 52;
const WEIGHT: usize = 56;
const BIAS: usize = 60;
const STRIDE: usize = 64;
const BLOCK_SIZE: usize = 68;
const LIST: usize = 72;
const SUMS: usize = 76;
const TREE_FLOATS: usize = 80;
const LEVELS: usize = 84;
const LEVEL_COUNT: usize = 88;
const LAYERS: usize = 92;
const LAYER_COUNT: usize = 96;

/** Places in the description of a dense layer. The first has no weights: its currents are the sums. */
const LAYER_STRIDE: usize = 0;
const LAYER_WEIGHT: usize = 4;
const LAYER_BIAS: usize = 8;
const LAYER_BLOCKS: usize = 12;
const LAYER_MEMBRANE: usize = 16;
const LAYER_SUMS: usize = 20;
const LAYER_STARTS: usize = 24;
const LAYER_SPIKES: usize = 28;
const LAYER_BYTES: usize = 32;

/** Scans `nodes` nodes from `first` on over all steps again and renews the sums that their spikes go into. */
export function renewNodes(job: usize, first: u32, nodes: u32, decay: f32, threshold: f32): void {
  const steps = load<u32>(job, STEPS);
  const outputs = load<u32>(job, CONV_OUTPUTS);
  const convStride = load<u32>(job, CONV_STRIDE);
  const fanIn = (load<u32>(job, HOPS) + 1) * load<u32>(job, INPUTS);
  const features = load<u32>(job, FEATURES);
  const fired = load<u32>(job, FIRED);
  const membrane = load<u32>(job, CONV_MEMBRANE);
  const blockSize = load<u32>(job, BLOCK_SIZE);
  const from = first * outputs;
  const to = from + nodes * outputs;
  const firstBlock = from / blockSize;
  const lastBlock = (to - 1) / blockSize;
  memory.fill(membrane, 0, (<usize>(nodes * convStride)) << 2);
  for (let step: u32 = 0; step < steps; step++) {
    fillFeatures(job, step, first, nodes);
    const count = convolve(
      nodes,
      fanIn,
      outputs,
      convStride,
      features,
      load<u32>(job, CONV_WEIGHT),
      load<u32>(job, CONV_BIAS),
      membrane,
      decay,
      threshold,
      fired,
      from,
    );
    if (replaceBits(job, step, from, to, count)) renewSums(job, step, firstBlock, lastBlock);
  }
}

/** Hop features of the nodes at a step: on the chain, hop k is the touch k bins before; nothing comes out of node 0. */
function fillFeatures(job: usize, step: u32, first: u32, nodes: u32): void {
  const bins = load<u32>(job, BINS);
  const inputs = load<u32>(job, INPUTS);
  const hops = <i32>load<u32>(job, HOPS);
  const touch = <usize>load<u32>(job, TOUCH) + <usize>(step * bins * inputs);
  let at = <usize>load<u32>(job, FEATURES);
  for (let node = <i32>first; node < <i32>(first + nodes); node++) {
    for (let hop = 0; hop <= hops; hop++) {
      const source = node - hop;
      const seen = hop === 0 || source >= 1;
      for (let c: u32 = 0; c < inputs; c++) {
        store<f32>(at, seen ? <f32>load<u8>(touch + <usize>(<u32>source * inputs + c)) : 0);
        at += 4;
      }
    }
  }
}

/** Replaces the spike bits `from` to `to` of a step by the fired neurons; true when any differs. */
function replaceBits(job: usize, step: u32, from: u32, to: u32, count: u32): bool {
  const bits = <usize>load<u32>(job, BITS) + ((<usize>(step * load<u32>(job, BIT_WORDS))) << 2);
  let next = <usize>load<u32>(job, FIRED);
  const end = next + ((<usize>count) << 2);
  let changed = false;
  for (let word = from >> 5; word << 5 < to; word++) {
    const start = word << 5;
    const low = max(from, start) - start;
    const high = min(to, start + 32) - start;
    const mask = (high === 32 ? 0 : (<u32>1) << high) - ((<u32>1) << low);
    let fresh: u32 = 0;
    while (next < end && load<u32>(next) < start + 32) {
      fresh |= (<u32>1) << (load<u32>(next) - start);
      next += 4;
    }
    const at = bits + ((<usize>word) << 2);
    const before = load<u32>(at);
    const after = (before & ~mask) | fresh;
    if (after !== before) {
      store<u32>(at, after);
      changed = true;
    }
  }
  return changed;
}

/** Sums the blocks `first` to `last` of a step anew, and what lies above them. */
function renewSums(job: usize, step: u32, first: u32, last: u32): void {
  const stride = load<u32>(job, STRIDE);
  const rowBytes = (<usize>stride) << 2;
  const tree = <usize>load<u32>(job, SUMS) + ((<usize>step * <usize>load<u32>(job, TREE_FLOATS)) << 2);
  const list = <usize>load<u32>(job, LIST);
  for (let block = first; block <= last; block++) {
    const count = listBlock(job, step, block);
    const base = block === 0 ? <usize>load<u32>(job, BIAS) : 0;
    sumBlock(stride, load<u32>(job, WEIGHT), base, list, 0, count, tree + rowBytes * block);
  }
  const levels = <usize>load<u32>(job, LEVELS);
  const levelCount = load<u32>(job, LEVEL_COUNT);
  for (let level: u32 = 1; level < levelCount; level++) {
    const below = levels + ((<usize>level - 1) << 3);
    const belowStart = load<u32>(below);
    const belowCount = load<u32>(below, 4);
    const start = load<u32>(below, 8);
    first >>= 1;
    last >>= 1;
    for (let i = first; i <= last; i++) {
      const to = tree + rowBytes * (start + i);
      const left = tree + rowBytes * (belowStart + (i << 1));
      if ((i << 1) + 1 < belowCount) addPair(stride, to, left, left + rowBytes);
      else memory.copy(to, left, rowBytes);
    }
  }
}

/** Writes the neurons of a block that spike at a step into the list; returns how many. */
function listBlock(job: usize, step: u32, block: u32): u32 {
  const words = load<u32>(job, BIT_WORDS);
  const bits = <usize>load<u32>(job, BITS) + ((<usize>(step * words)) << 2);
  const wordsPerBlock = load<u32>(job, BLOCK_SIZE) >> 5;
  const end = min(words, (block + 1) * wordsPerBlock);
  const list = <usize>load<u32>(job, LIST);
  let count: u32 = 0;
  for (let word = block * wordsPerBlock; word < end; word++) {
    let mask = load<u32>(bits + ((<usize>word) << 2));
    while (mask !== 0) {
      store<u32>(list + ((<usize>count) << 2), (word << 5) + ctz(mask));
      mask &= mask - 1;
      count++;
    }
  }
  return count;
}

/** Scans the layers behind the sums over all steps from the zero state, and counts the output spikes of each class. */
export function scanSums(job: usize, counts: usize, decay: f32, threshold: f32): void {
  const steps = load<u32>(job, STEPS);
  const layers = <usize>load<u32>(job, LAYERS);
  const layerCount = load<u32>(job, LAYER_COUNT);
  const blockSize = load<u32>(job, BLOCK_SIZE);
  const treeBytes = (<usize>load<u32>(job, TREE_FLOATS)) << 2;
  let root = <usize>load<u32>(job, SUMS) + treeBytes - ((<usize>load<u32>(job, STRIDE)) << 2);
  for (let l: u32 = 0; l < layerCount; l++) {
    const layer = layers + LAYER_BYTES * l;
    memory.fill(load<u32>(layer, LAYER_MEMBRANE), 0, (<usize>load<u32>(layer, LAYER_STRIDE)) << 2);
  }
  for (let step: u32 = 0; step < steps; step++) {
    let active = <usize>load<u32>(layers, LAYER_SPIKES);
    let count = fireLayer(
      load<u32>(layers, LAYER_STRIDE),
      root,
      load<u32>(layers, LAYER_MEMBRANE),
      decay,
      threshold,
      active,
    );
    for (let l: u32 = 1; l < layerCount; l++) {
      const layer = layers + LAYER_BYTES * l;
      const spikes = <usize>load<u32>(layer, LAYER_SPIKES);
      count = dense(
        load<u32>(layer, LAYER_STRIDE),
        blockSize,
        load<u32>(layer, LAYER_BLOCKS),
        load<u32>(layer, LAYER_WEIGHT),
        load<u32>(layer, LAYER_BIAS),
        load<u32>(layer, LAYER_MEMBRANE),
        decay,
        threshold,
        active,
        count,
        load<u32>(layer, LAYER_SUMS),
        load<u32>(layer, LAYER_STARTS),
        spikes,
      );
      active = spikes;
    }
    for (let k: u32 = 0; k < count; k++) {
      const at = counts + ((<usize>load<u32>(active + ((<usize>k) << 2))) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
    root += treeBytes;
  }
}
