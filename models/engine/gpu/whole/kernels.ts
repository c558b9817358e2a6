/**
 * Kernels of the whole-network form. Membranes are the only state: u [width, chunk, windows] holds the potentials of one
 * layer over one chunk of scan steps, and a spike is u above the threshold. Thread x is the neuron, y the step in the
 * chunk, z the window.
 */
import { layerFanIn } from '../../../network/shapes.js';
import { type DenseSpec, type LifSpec, layerWidth, type TagConvSpec } from '../../../network/spec.js';
import { smallestNormal } from '../../../neurons/lif.js';
import type { EventLayer } from '../../event/layer.js';
import { type Arithmetic, arithmeticOf, blockwiseSum, literal } from '../arithmetic.js';
import type { Device, Kernel, Values } from '../device.js';

/** Inputs that a wide layer skips at once. */
const groupSize = 8;

/** Whether skipping groups of inputs pays for a layer. */
export function isWide({ spec }: EventLayer): boolean {
  return spec.inputs >= 16 * groupSize;
}

export interface Shape {
  /** Scan steps of the branch. */
  readonly steps: number;
  /** Scan steps a chunk. */
  readonly chunk: number;
  readonly windows: number;
}

export class ChunkKernels {
  readonly #arithmetic: Arithmetic;

  constructor(
    private readonly device: Device,
    private readonly lif: LifSpec,
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
    const { chunk } = this.shape;
    const body =
      layer.spec.kind === 'tagconv'
        ? this.#convolution(layer.spec)
        : this.#dense(layer.spec, (add, from, to) => `for (let i = ${from}; i < ${to}; i += 1) {
            if (touch[this.thread.z][step][i] > 0.5) { ${add} }
          }`);
    return this.#currents(
      layer,
      `function (touch, clock) { const step = clock[0] * ${chunk} + this.thread.y; ${body} }`,
    );
  }

  /** (u of the layer before) -> spikes in each group of its neurons; for wide layers only. */
  groups({ spec }: EventLayer): Kernel {
    const { chunk, windows } = this.shape;
    const source = `function (u) {
      let spikes = 0.0;
      for (let j = 0; j < ${groupSize}; j += 1) {
        const i = this.thread.x * ${groupSize} + j;
        if (${this.#fires}) { spikes = spikes + 1; }
      }
      return spikes; }`;
    return this.device.kernel({ source, output: [Math.floor(spec.inputs / groupSize), chunk, windows] });
  }

  /** (u of the layer before, its groups) -> currents of a wide layer: most groups are silent and skipped whole. */
  wideCurrents(layer: EventLayer): Kernel {
    const body = this.#dense(layer.spec as DenseSpec, (add, from, to) => {
      const groups = Math.floor(to / groupSize);
      return `for (let g = ${from / groupSize}; g < ${groups}; g += 1) {
          if (groups[this.thread.z][this.thread.y][g] > 0.5) {
            for (let j = 0; j < ${groupSize}; j += 1) {
              const i = g * ${groupSize} + j;
              if (${this.#fires}) { ${add} }
            }
          }
        }
        for (let i = ${groups * groupSize}; i < ${to}; i += 1) { if (${this.#fires}) { ${add} } }`;
    });
    return this.#currents(layer, `function (u, groups) { ${body} }`);
  }

  /** (u of the layer before) -> currents of a narrow layer. */
  currents(layer: EventLayer): Kernel {
    const body = this.#dense(
      layer.spec as DenseSpec,
      (add, from, to) => `for (let i = ${from}; i < ${to}; i += 1) { if (${this.#fires}) { ${add} } }`,
    );
    return this.#currents(layer, `function (u) { ${body} }`);
  }

  /** (currents) -> u of the first chunk, from rest. */
  firstMembranes(layer: EventLayer): Kernel {
    return this.#membranes(layer, 'function (currents) { let u = 0.0;');
  }

  /** (currents, u of the chunk before) -> u of the next chunk. */
  membranes(layer: EventLayer): Kernel {
    const { chunk } = this.shape;
    return this.#membranes(
      layer,
      `function (currents, before) { let u = before[this.thread.z][${chunk - 1}][this.thread.x];`,
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
    return this.device.kernel({ source, output: this.#output(layer), constants: { weight, bias } });
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

  /** @param addInputs source that runs `add` for the inputs `i` from `from` to `to` that are on */
  #dense({ inputs }: DenseSpec, addInputs: (add: string, from: number, to: number) => string): string {
    const { add } = this.#arithmetic;
    const bias = 'this.constants.bias[this.thread.x]';
    return blockwiseSum(inputs, bias, this.#arithmetic, (sum, _block, from, to) =>
      addInputs(`${sum} = ${add(sum, 'this.constants.weight[i][this.thread.x]')};`, from, to),
    );
  }

  /** Whether input `i` is on: whether the neuron i of the layer before spikes. */
  get #fires(): string {
    return `u[this.thread.z][this.thread.y][i] > ${literal(this.lif.threshold)}`;
  }

  /** A thread repeats the steps of its chunk up to its own: no thread sees what another one computes. */
  #membranes(layer: EventLayer, head: string): Kernel {
    const { add, multiply } = this.#arithmetic;
    const { decay, threshold } = this.lif;
    const source = `${head}
      for (let c = 0; c < ${this.shape.chunk}; c += 1) {
        if (c <= this.thread.y) {
          let kept = ${multiply(literal(decay), 'u')};
          if (u > ${literal(threshold)}) { kept = 0.0; }
          u = ${add('kept', 'currents[this.thread.z][c][this.thread.x]')};
          if (Math.abs(u) < ${literal(smallestNormal)}) { u = 0.0; }
        }
      }
      return u; }`;
    return this.device.kernel({ source, output: this.#output(layer) });
  }

  #tally(layer: EventLayer, head: string): Kernel {
    const { chunk, windows } = this.shape;
    const source = `${head}
      for (let c = 0; c < ${chunk}; c += 1) {
        if (c < left) {
          if (u[this.thread.y][c][this.thread.x] > ${literal(this.lif.threshold)}) { spikes = spikes + 1; }
        }
      }
      return spikes; }`;
    return this.device.kernel({ source, output: [layerWidth(layer.spec), windows] });
  }

  #output(layer: EventLayer): [number, number, number] {
    return [layerWidth(layer.spec), this.shape.chunk, this.shape.windows];
  }
}
