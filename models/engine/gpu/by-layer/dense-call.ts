import { blockCount } from '../../../network/summation.js';
import type { EventLayer } from '../../event/layer.js';
import { arithmeticOf, blockwiseSum } from '../arithmetic.js';
import type { Device, Kernel, Plan } from '../device.js';
import { SpikeLists } from './spike-lists.js';

/** A dense layer on the device: the currents of all its neurons, for all rows of its spike lists, in one call. */
export class DenseCall {
  readonly spikes: SpikeLists;
  #plan: { readonly plan: Plan; readonly capacity: number } | undefined;

  /** @param rows scan steps times windows */
  constructor(
    private readonly device: Device,
    private readonly layer: EventLayer,
    rows: number,
  ) {
    this.spikes = new SpikeLists(rows, layer.spec.inputs);
  }

  /** @returns one row of currents for each row of `spikes` */
  async currents(): Promise<readonly Float32Array[]> {
    const { start, index, capacity } = this.spikes;
    this.spikes.finish();
    if (this.#plan?.capacity !== capacity) {
      await this.#plan?.plan.destroy();
      this.#plan = { plan: this.#createPlan(), capacity };
    }
    const [rows] = await this.#plan.plan.run(
      { data: index, size: [index.length] },
      { data: start, size: [start.length] },
    );
    return rows!;
  }

  #createPlan(): Plan {
    const { inputs, outputs } = this.layer.spec;
    const { rows } = this.spikes;
    const kernel: Kernel = this.device.kernel({
      source: denseSource(this.device, inputs),
      output: [outputs, rows],
      constants: {
        weight: { data: this.layer.rows.weight, size: [outputs, inputs] },
        bias: { data: this.layer.rows.bias, size: [outputs] },
      },
    });
    return this.device.plan(outputs * rows, (index, start) => [kernel(index, start)]);
  }
}

/**
 * Kernel of one current: thread x is the neuron, y the row. An entry is read into a local first: gpu.js then reads it
 * once for four neurons. Locals have names of their own, for some modes declare them all in one scope.
 */
function denseSource({ mode }: Device, inputs: number): string {
  const arithmetic = arithmeticOf(mode);
  const blocks = blockCount(inputs);
  const body = blockwiseSum(inputs, 'this.constants.bias[this.thread.x]', arithmetic, (sum, block) => {
    const [k, i] = [`k${block}`, `i${block}`];
    const added = arithmetic.add(sum, `this.constants.weight[${i}][this.thread.x]`);
    return `const from${block} = start[first + ${block}];
      const to${block} = start[first + ${block + 1}];
      for (let ${k} = from${block}; ${k} < to${block}; ${k} += 1) { const ${i} = index[${k}]; ${sum} = ${added}; }`;
  });
  return `function (index, start) { const first = this.thread.y * ${blocks}; ${body} }`;
}
