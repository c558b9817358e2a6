import { blockCount } from '../../../network/summation.js';
import type { EventLayer } from '../../event/layer.js';
import { type Arithmetic, arithmeticOf, blockwiseSum } from '../arithmetic.js';
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

/** Layers of up to this many blocks add several entries a pass; for more the source, and the code, would grow too long. */
const fewBlocks = 16;

/** Kernel of one current: thread x is the neuron, y the row. */
function denseSource({ mode }: Device, inputs: number): string {
  const arithmetic = arithmeticOf(mode);
  const blocks = blockCount(inputs);
  const body = blockwiseSum(inputs, 'this.constants.bias[this.thread.x]', arithmetic, (sum, block) => {
    const from = `const from${block} = start[first + ${block}]; const to${block} = start[first + ${block + 1}];`;
    return `${from} ${addEntries(arithmetic, sum, block, blocks <= fewBlocks ? 4 : 1)}`;
  });
  return `function (index, start) { const first = this.thread.y * ${blocks}; ${body} }`;
}

/**
 * Adds the weights of the entries `from` to `to` of a block to `sum`, `many` a pass and then one by one. An entry is
 * read into a local first: gpu.js then reads it once for four neurons. Locals have names of their own, for some modes
 * declare them all in one scope.
 */
function addEntries({ add }: Arithmetic, sum: string, block: number, many: number): string {
  const name = (local: string): string => `${local}${block}`;
  const [k, entry, rest, last] = [name('k'), name('entry'), name('rest'), name('last')];
  const weight = (i: string): string => `this.constants.weight[${i}][this.thread.x]`;
  const oneByOne = (from: string): string =>
    `for (let ${k} = ${from}; ${k} < ${name('to')}; ${k} += 1) {
       const ${entry} = index[${k}]; ${sum} = ${add(sum, weight(entry))};
     }`;
  if (many === 1) return oneByOne(name('from'));

  const pass = name('pass');
  const entries = Array.from({ length: many }, (_, n) => `${entry}_${n}`);
  return `let ${rest} = ${name('from')};
     const ${last} = ${name('to')} - ${many - 1};
     for (let ${pass} = ${name('from')}; ${pass} < ${last}; ${pass} += ${many}) {
       ${entries.map((i, n) => `const ${i} = index[${pass} + ${n}];`).join(' ')}
       ${sum} = ${entries.reduce((total, i) => add(total, weight(i)), sum)};
       ${rest} += ${many};
     }
     ${oneByOne(rest)}`;
}
