/**
 * Kernels of the whole-network form that are the same for all neurons; for theirs see neurons.ts. Membranes are the only
 * state: u [width, chunk, windows] holds the potentials of one layer over one chunk of scan steps, and a spike is u above
 * (LIF) or at (SRM) the threshold. Thread x is the neuron, y the step in the chunk, z the window.
 */
import { layerFanIn } from '../../../network/shapes.js';
import { type DenseSpec, layerWidth, type TagConvSpec } from '../../../network/spec.js';
import { sumBlock } from '../../../network/summation.js';
import type { EventLayer } from '../../event/layer.js';
import { type Arithmetic, arithmeticOf, blockwiseSum } from '../arithmetic.js';
import type { Device, Kernel, Values } from '../device.js';

/** Inputs that are skipped together when all are silent. */
const groupSize = 8;

export interface Shape {
  /** Scan steps of the stack. */
  readonly steps: number;
  /** Scan steps a chunk. */
  readonly chunk: number;
  readonly windows: number;
}

export class ChunkKernels {
  readonly #arithmetic: Arithmetic;

  constructor(
    private readonly device: Device,
    /** Condition, as source: a neuron with this membrane potential spikes. */
    private readonly fires: (u: string) => string,
    private readonly shape: Shape,
  ) {
    this.#arithmetic = arithmeticOf(device.mode);
  }

  /** (clock) -> the clock one chunk on: its number counts inside the plan, where a JavaScript number would be frozen. */
  tick(): Kernel {
    return this.device.kernel({ source: 'function (clock) { return clock[0] + 1; }', output: [1] });
  }

  /** (touch [width, steps, windows], clock) -> currents of the first layer. */
  firstCurrents(layer: EventLayer): Kernel {
    const { spec } = layer;
    const body =
      spec.kind === 'tagconv'
        ? this.#convolution(spec)
        : this.#dense(spec, 'touch[this.thread.z][step][i] > 0.5');
    const step = `const step = clock[0] * ${this.shape.chunk} + this.thread.y;`;
    return this.#currents(layer, `function (touch, clock) { ${step} ${body} }`);
  }

  /** (u of the layer before) -> spikes in each group of its neurons. */
  groups({ spec }: EventLayer): Kernel {
    const { chunk, windows } = this.shape;
    const count = `if (${this.#fires}) { spikes = spikes + 1; }`;
    const source = `function (u) {
      let spikes = 0.0;
      for (let j = 0; j < ${groupSize}; j += 1) {
        const i = this.thread.x * ${groupSize} + j;
        ${within('i', spec.inputs, groupSize, count)}
      }
      return spikes; }`;
    return this.device.kernel({ source, output: [Math.ceil(spec.inputs / groupSize), chunk, windows] });
  }

  /** (u of the layer before, its groups) -> currents of a dense layer. Most groups are silent and skipped whole. */
  currents(layer: EventLayer): Kernel {
    const skip = 'groups[this.thread.z][this.thread.y][g] > 0.5';
    return this.#currents(
      layer,
      `function (u, groups) { ${this.#dense(layer.spec as DenseSpec, this.#fires, skip)} }`,
    );
  }

  /** (u) -> spikes of each neuron [width, windows] in the first chunk. */
  firstTally(layer: EventLayer): Kernel {
    return this.#tally(layer, 'function (u) { let spikes = 0.0; const left = 1.0e6;');
  }

  /** (u, spikes so far, clock) -> spikes so far, without the steps that only fill up the last chunk. */
  tally(layer: EventLayer): Kernel {
    const { chunk, steps } = this.shape;
    return this.#tally(
      layer,
      `function (u, before, clock) {
        let spikes = before[this.thread.y][this.thread.x];
        const left = ${steps} - clock[0] * ${chunk};`,
    );
  }

  #currents(layer: EventLayer, source: string): Kernel {
    const { rows, spec } = layer;
    const weight: Values = { data: rows.weight, size: [rows.outputs, layerFanIn(spec)] };
    const bias: Values = { data: rows.bias, size: [rows.outputs] };
    return this.device.kernel({ source, output: chunkOf(layer, this.shape), constants: { weight, bias } });
  }

  /** Half is added before the division because GPUs may divide a little too low. */
  #convolution(spec: TagConvSpec): string {
    const { add, multiply } = this.#arithmetic;
    const fanIn = layerFanIn(spec);
    const product = multiply('this.constants.weight[f][neuron]', 'touch[this.thread.z][step][first + f]');
    return `const node = Math.floor((this.thread.x + 0.5) / ${spec.outputs});
      const neuron = this.thread.x - node * ${spec.outputs};
      const first = node * ${fanIn};
      let sum = this.constants.bias[neuron];
      for (let f = 0; f < ${fanIn}; f += 1) { sum = ${add('sum', product)}; }
      return sum;`;
  }

  /**
   * @param on condition: input `i` is active
   * @param some condition: some input of group `g` is
   */
  #dense({ inputs }: DenseSpec, on: string, some = 'true'): string {
    const bias = 'this.constants.bias[this.thread.x]';
    const added = this.#arithmetic.add('sum', 'this.constants.weight[i][this.thread.x]');
    const group = `if (${some}) {
        for (let j = 0; j < ${groupSize}; j += 1) {
          const i = g * ${groupSize} + j;
          ${within('i', inputs, groupSize, `if (${on}) { sum = ${added}; }`)}
        }
      }`;
    const groups = Math.ceil(inputs / groupSize);
    const perBlock = sumBlock / groupSize;
    const addBlock = `for (let n = 0; n < ${Math.min(perBlock, groups)}; n += 1) {
        const g = b * ${perBlock} + n;
        ${within('g', groups, perBlock, group)}
      }`;
    return blockwiseSum(inputs, bias, this.#arithmetic, addBlock);
  }

  /** Whether input `i` is on: whether the neuron i of the layer before spikes. */
  get #fires(): string {
    return this.fires('u[this.thread.z][this.thread.y][i]');
  }

  #tally(layer: EventLayer, head: string): Kernel {
    const { chunk, windows } = this.shape;
    const source = `${head}
      for (let c = 0; c < ${chunk}; c += 1) {
        if (c < left) {
          if (${this.fires('u[this.thread.y][c][this.thread.x]')}) { spikes = spikes + 1; }
        }
      }
      return spikes; }`;
    return this.device.kernel({ source, output: [layerWidth(layer.spec), windows] });
  }
}

/** Size of what a layer's threads compute: a value a neuron, step of the chunk, and window. */
export function chunkOf({ spec }: EventLayer, { chunk, windows }: Shape): readonly [number, number, number] {
  return [layerWidth(spec), chunk, windows];
}

/** Source that runs `body` for an index below `limit`; loops over whole pieces pass it when the last piece is not full. */
function within(index: string, limit: number, piece: number, body: string): string {
  return limit % piece === 0 ? body : `if (${index} < ${limit}) { ${body} }`;
}
