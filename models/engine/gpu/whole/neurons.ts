/**
 * What the neurons do on the device, by their kind. A thread cannot see what another one computes, so each repeats the
 * steps of its chunk up to its own.
 */
import type { LifSpec } from '../../../network/spec.js';
import { lifFires, smallestNormal } from '../../../neurons/lif.js';
import { type Srm, srmFires } from '../../../neurons/srm.js';
import type { EventBranch } from '../../event/branch.js';
import type { EventLayer } from '../../event/layer.js';
import { arithmeticOf, literal } from '../arithmetic.js';
import type { Device, Handle, Kernel } from '../device.js';
import { chunkOf, type Shape } from './kernels.js';

export interface DeviceNeurons {
  readonly shape: Shape;
  /** Whether a neuron with this membrane potential spikes: condition as source. */
  readonly firesSource: (u: string) => string;
  /** The same for JavaScript. */
  readonly fires: (u: number) => boolean;
  /** Makes the kernels of a layer's membranes. */
  membranes(layer: EventLayer): Membranes;
}

/**
 * (currents, u of the chunk before) -> u; from rest where there is no chunk before. To be called while a plan is traced.
 */
export type Membranes = (currents: Handle, before: Handle | undefined) => Handle;

/** @param chunk scan steps a chunk of neurons whose state is carried from chunk to chunk */
export function deviceNeurons(
  device: Device,
  stack: EventBranch,
  chunk: number,
  windows: number,
): DeviceNeurons {
  const { steps } = stack;
  if (stack.kind === 'srm') return srmNeurons(device, stack.srm, { steps, chunk: steps, windows });
  return lifNeurons(device, stack.neuron, { steps, chunk: Math.min(chunk, steps), windows });
}

function lifNeurons(device: Device, lif: LifSpec, shape: Shape): DeviceNeurons {
  const { add, multiply } = arithmeticOf(device.mode);
  const firesSource = (u: string): string => `${u} > ${literal(lif.threshold)}`;
  const kernel = (layer: EventLayer, head: string): Kernel => {
    const source = `${head}
      for (let c = 0; c < ${shape.chunk}; c += 1) {
        if (c <= this.thread.y) {
          let kept = ${multiply(literal(lif.decay), 'u')};
          if (${firesSource('u')}) { kept = 0.0; }
          u = ${add('kept', 'currents[this.thread.z][c][this.thread.x]')};
          if (Math.abs(u) < ${literal(smallestNormal)}) { u = 0.0; }
        }
      }
      return u; }`;
    return device.kernel({ source, output: chunkOf(layer, shape) });
  };
  const last = `before[this.thread.z][${shape.chunk - 1}][this.thread.x]`;
  return {
    shape,
    firesSource,
    fires: (u) => lifFires(lif, u),
    membranes(layer) {
      const first = kernel(layer, 'function (currents) { let u = 0.0;');
      const next = kernel(layer, `function (currents, before) { let u = ${last};`);
      return (currents, before) => (before === undefined ? first(currents) : next(currents, before));
    },
  };
}

/**
 * All steps are one chunk: a response reaches far back, and all its currents are there at once. The spikes of the last
 * steps are kept in variables, `spike3` being 1 if the neuron spiked 3 steps before.
 */
function srmNeurons(device: Device, srm: Srm, shape: Shape): DeviceNeurons {
  const { add, multiply } = arithmeticOf(device.mode);
  const firesSource = (u: string): string => `${u} >= ${literal(srm.threshold)}`;
  const tap = multiply(
    'this.constants.response[k]',
    'currents[this.thread.z][this.thread.y - k][this.thread.x]',
  );
  const responses = `function (currents) {
    let u = 0.0;
    for (let k = 1; k < ${srm.response.length}; k += 1) {
      if (k <= this.thread.y) { u = ${add('u', tap)}; }
    }
    return u; }`;
  const ages = Array.from({ length: srm.refractory.length - 1 }, (_, i) => i + 1);
  const oldestFirst = ages.toReversed();
  const recover = oldestFirst.map(
    (k) => `if (spike${k} > 0.5) { u = ${add('u', `(${literal(srm.refractory[k]!)})`)}; }`,
  );
  const grow = oldestFirst.map((k) => `spike${k} = ${k > 1 ? `spike${k - 1}` : '0.0'};`);
  const refractory = `function (responses) {
    let u = 0.0;
    ${ages.map((k) => `let spike${k} = 0.0;`).join(' ')}
    for (let n = 0; n < ${shape.steps}; n += 1) {
      if (n <= this.thread.y) {
        u = responses[this.thread.z][n][this.thread.x];
        ${recover.join('\n')}
        ${grow.join(' ')}
        ${ages.length === 0 ? '' : `if (${firesSource('u')}) { spike1 = 1.0; }`}
      }
    }
    return u; }`;
  const response = { data: srm.response, size: [srm.response.length] } as const;
  return {
    shape,
    firesSource,
    fires: (u) => srmFires(srm, u),
    membranes(layer) {
      const output = chunkOf(layer, shape);
      const respond = device.kernel({ source: responses, output, constants: { response } });
      const recoverAll = device.kernel({ source: refractory, output });
      return (currents) => recoverAll(respond(currents));
    },
  };
}
