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

/** Entries that are added a pass, and then one by one. */
const pass = 4;

/**
 * Kernel of one current: thread x is the neuron, y the row. An entry is read into a local first: gpu.js then reads it
 * once for four neurons.
 */
function denseSource({ mode }: Device, inputs: number): string {
  const arithmetic = arithmeticOf(mode);
  const weight = (entry: string): string => `this.constants.weight[${entry}][this.thread.x]`;
  const entries = Array.from({ length: pass }, (_, n) => `entry${n}`);
  const addBlock = `
    let k = start[first + b];
    const to = start[first + b + 1];
    const last = to - ${pass - 1};
    for (let n = k; n < last; n += ${pass}) {
      ${entries.map((entry, n) => `const ${entry} = index[n + ${n}];`).join(' ')}
      sum = ${entries.reduce((sum, entry) => arithmetic.add(sum, weight(entry)), 'sum')};
      k += ${pass};
    }
    for (let m = k; m < to; m += 1) { const entry = index[m]; sum = ${arithmetic.add('sum', weight('entry'))}; }`;
  const body = blockwiseSum(inputs, 'this.constants.bias[this.thread.x]', arithmetic, addBlock);
  return `function (index, start) { const first = this.thread.y * ${blockCount(inputs)}; ${body} }`;
}
