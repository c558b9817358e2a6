/** The kernels in WebAssembly SIMD: loads the module that assembly/kernels.ts is compiled to. */
import { readFileSync } from 'node:fs';
import { sumBlock } from '../../../network/summation.js';
import type { Kernels } from '../kernels.js';
import { type StreamExports, simdLocationWork } from './location-work.js';
import { LinearMemory } from './memory.js';

/** Functions of the module; numbers are counts and addresses, see assembly/kernels.ts. */
interface Exports extends StreamExports {
  spread(
    nodes: number,
    hops: number,
    inputs: number,
    outputs: number,
    active: number,
    count: number,
    features: number,
    start: number,
    from: number,
    weight: number,
  ): number;
  convolve(
    nodes: number,
    fanIn: number,
    outputs: number,
    stride: number,
    features: number,
    rows: number,
    bias: number,
    membrane: number,
    decay: number,
    threshold: number,
    active: number,
    first: number,
  ): number;
  dense(
    stride: number,
    blockSize: number,
    blocks: number,
    rows: number,
    bias: number,
    membrane: number,
    decay: number,
    threshold: number,
    active: number,
    count: number,
    sums: number,
    starts: number,
    out: number,
  ): number;
  sumBlock(
    stride: number,
    rows: number,
    base: number,
    active: number,
    from: number,
    to: number,
    target: number,
  ): void;
  addPair(stride: number, to: number, a: number, b: number): void;
  products(stride: number, rows: number, row: number, active: number, count: number, out: number): void;
  respond(
    stride: number,
    from: number,
    to: number,
    until: number,
    response: number,
    taps: number,
    refractory: number,
    refractoryTaps: number,
    threshold: number,
    currents: number,
    history: number,
    start: number,
    index: number,
    membranes: number,
  ): void;
  fireLayer(
    stride: number,
    current: number,
    membrane: number,
    decay: number,
    threshold: number,
    out: number,
  ): number;
}

/** Room for the sums of one tile of 32 neurons, in floats. */
const tile = 32;

let module: WebAssembly.Module | undefined;

/** Whether this machine's WebAssembly has SIMD and shared memory. */
export function simdSupported(): boolean {
  try {
    module ??= new WebAssembly.Module(readFileSync(new URL('./kernels.wasm', import.meta.url)));
    return true;
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return false;
    throw error;
  }
}

/** Kernels with a linear memory of their own. Throws where SIMD is not supported. */
export function createSimdKernels(): Kernels {
  if (!simdSupported()) throw new Error('this machine’s WebAssembly has no SIMD; use mode "plain"');
  const memory = new LinearMemory();
  const { exports } = new WebAssembly.Instance(module!, { env: { memory: memory.memory } });
  const functions = exports as unknown as Exports;
  const { spread, convolve, dense, sumBlock: sumBlockAt, addPair, fireLayer, products, respond } = functions;
  const at = (array: { byteOffset: number }): number => array.byteOffset;
  let starts = memory.indices(1);
  let sums = memory.floats(tile);
  return {
    mode: 'simd',
    stride: (outputs) => Math.ceil(outputs / 4) * 4,
    floats: (length) => memory.floats(length),
    indices: (length) => memory.indices(length),
    bytes: (length) => memory.bytes(length),
    locationWork: (arrays) =>
      simdLocationWork(
        functions,
        (n) => memory.indices(n),
        (n) => memory.floats(n),
        arrays,
      ),

    spread({ nodes, start, from, weight }, { hops, inputs, outputs }, active, features) {
      return spread(
        nodes,
        hops,
        inputs,
        outputs,
        at(active.index),
        active.count,
        at(features),
        at(start),
        at(from),
        at(weight),
      );
    },

    convolve({ weight, bias, outputs, stride }, lif, nodes, fanIn, features, membrane, out) {
      out.count = convolve(
        nodes,
        fanIn,
        outputs,
        stride,
        at(features),
        at(weight),
        at(bias),
        at(membrane),
        lif.decay,
        lif.threshold,
        at(out.index),
        0,
      );
    },

    dense({ weight, bias, stride }, lif, active, work, membrane, out) {
      const blocks = work.length / stride;
      if (starts.length < blocks + 1) starts = memory.indices(blocks + 1);
      if (sums.length < blocks * tile) sums = memory.floats(blocks * tile);
      out.count = dense(
        stride,
        sumBlock,
        blocks,
        at(weight),
        at(bias),
        at(membrane),
        lif.decay,
        lif.threshold,
        at(active.index),
        active.count,
        at(sums),
        at(starts),
        at(out.index),
      );
    },

    sumBlock({ weight, bias, stride }, first, index, from, to, work, place) {
      sumBlockAt(stride, at(weight), first ? at(bias) : 0, at(index), from, to, at(work) + 4 * place);
    },

    addPair(stride, work, to, a, b) {
      const base = at(work);
      addPair(stride, base + 4 * to, base + 4 * a, base + 4 * b);
    },

    respond(
      { threshold, response, refractory },
      { stride },
      { currents, history, start, index, membranes },
      from,
      to,
      until,
    ) {
      respond(
        stride,
        from,
        to,
        until,
        at(response),
        response.length,
        at(refractory),
        refractory.length,
        threshold,
        at(currents),
        at(history),
        at(start),
        at(index),
        membranes === undefined ? 0 : at(membranes),
      );
    },

    products({ weight, stride }, row, { index, count }, out) {
      products(stride, at(weight), at(row), at(index), count, at(out));
    },

    fire({ stride }, lif, work, place, membrane, out) {
      out.count = fireLayer(
        stride,
        at(work) + 4 * place,
        at(membrane),
        lif.decay,
        lif.threshold,
        at(out.index),
      );
    },
  };
}
