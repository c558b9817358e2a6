/**
 * The surrogate network of a window: every spike is replaced by its tangent, s(u) = s0 + h(u0) (u - u0), where s0 and u0
 * are the spikes and membrane potentials of the real network and h is the surrogate derivative. It is smooth, agrees with
 * the real network at its own weights, and its derivatives there are what surrogate backpropagation claims to compute.
 * Float64, dense, no code of the training.
 */
import {
  type NetworkSpec,
  type NeuronSpec,
  outputWeights,
  STACKS,
  type StackName,
  scanSteps,
  stepInput,
  type TaxelWindow,
  type Trace,
  type Weights,
} from '../../models/index.js';
import { scanInput } from '../../models/network/scan-input.js';
import { lifSurrogate } from '../../models/neurons/lif.js';
import { refractoryKernel, responseKernel, srmSurrogate } from '../../models/neurons/srm.js';

/** [steps][width] */
type Activity = number[][];

interface Layer {
  readonly weight: string;
  readonly bias: string;
  readonly outputs: number;
  readonly spikes: Activity;
  /** u0, known after the first run. */
  membranes: Activity | undefined;
}

export class SurrogateNetwork {
  readonly #layers: ReadonlyMap<StackName, readonly Layer[]>;

  /** @param trace spikes of the real network for this window; all its layers must be dense */
  constructor(
    private readonly spec: NetworkSpec,
    weights: Weights,
    private readonly window: TaxelWindow,
    trace: Trace,
  ) {
    this.#layers = new Map(
      STACKS.filter((stack) => spec[stack] !== undefined).map((stack) => [
        stack,
        spec[stack]!.layers.map((layer, l) => ({
          weight: `${stack}.fc${l + 1}.weight`,
          bias: `${stack}.fc${l + 1}.bias`,
          outputs: layer.outputs,
          spikes: rows(trace[stack]![l]!, layer.outputs),
          membranes: undefined,
        })),
      ]),
    );
    this.loss(weights, 0);
  }

  /** Mean over classes of (rate - [class is the target])^2. */
  loss(weights: Weights, target: number): number {
    const outputs = new Map<StackName, Activity>();
    for (const [stack, layers] of this.#layers) {
      let activity =
        stack === 'fused' ? [...outputs.get('time')!, ...outputs.get('location')!] : this.#touch(stack);
      for (const layer of layers) activity = run(this.spec[stack]!.neuron, layer, weights, activity);
      outputs.set(stack, activity);
    }
    const rates = this.spec.labels.map((_, c) =>
      outputWeights(this.spec).reduce(
        (sum, { stack, weight, steps }) =>
          sum + (weight / steps) * outputs.get(stack)!.reduce((count, row) => count + row[c]!, 0),
        0,
      ),
    );
    return rates.reduce((sum, rate, c) => sum + (rate - (c === target ? 1 : 0)) ** 2, 0) / rates.length;
  }

  #touch(stack: 'time' | 'location'): Activity {
    const { start, index } = scanInput(this.spec, stack, this.window);
    const { nodes, channels } = stepInput(this.spec, stack);
    return Array.from({ length: scanSteps(this.spec, stack) }, (_, n) => {
      const row = new Array<number>(nodes * channels).fill(0);
      for (const input of index.subarray(start[n], start[n + 1])) row[input] = 1;
      return row;
    });
  }
}

/** Tangent spikes of a layer. */
function run(neuron: NeuronSpec, layer: Layer, weights: Weights, below: Activity): Activity {
  const weight = weights.get(layer.weight)!.data;
  const bias = weights.get(layer.bias)?.data;
  const currents = below.map((x) =>
    Array.from({ length: layer.outputs }, (_, o) =>
      x.reduce((sum, value, i) => sum + weight[o * x.length + i]! * value, bias?.[o] ?? 0),
    ),
  );
  const membranes: Activity = [];
  const spikes: Activity = [];
  const base = layer.membranes;
  for (const n of below.keys()) {
    const u = currents[n]!.map((_, o) =>
      neuron.kind === 'srm'
        ? srmPotential(neuron, n, o, currents, layer.spikes)
        : (n === 0 ? 0 : neuron.decay * membranes[n - 1]![o]! * (1 - spikes[n - 1]![o]!)) + currents[n]![o]!,
    );
    membranes.push(u);
    spikes.push(
      u.map((value, o) => {
        const u0 = base === undefined ? value : base[n]![o]!;
        const slope = neuron.kind === 'srm' ? srmSurrogate(neuron, u0) : lifSurrogate(neuron, u0);
        return layer.spikes[n]![o]! + slope * (value - u0);
      }),
    );
  }
  layer.membranes ??= membranes;
  return spikes;
}

/** The refractory part is that of the real spikes: by definition nothing flows through it. */
function srmPotential(
  neuron: NeuronSpec & { kind: 'srm' },
  n: number,
  o: number,
  currents: Activity,
  spikes: Activity,
): number {
  let u = 0;
  for (const [k, tap] of responseKernel(neuron).entries()) if (k <= n) u += tap * currents[n - k]![o]!;
  for (const [k, tap] of refractoryKernel(neuron).entries())
    if (k <= n && k > 0) u += tap * spikes[n - k]![o]!;
  return u;
}

function rows(spikes: Uint8Array, width: number): Activity {
  return Array.from({ length: spikes.length / width }, (_, n) => [
    ...spikes.subarray(n * width, (n + 1) * width),
  ]);
}
