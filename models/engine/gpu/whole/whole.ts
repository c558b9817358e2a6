/**
 * The form for real GPUs: a stack is one plan, unrolled over chunks of scan steps, and nothing leaves the device before
 * the last spike is counted. See kernels.ts for the state.
 */
import type { ScanInput } from '../../../network/scan-input.js';
import type { EventBranch } from '../../event/branch.js';
import type { EventLayer } from '../../event/layer.js';
import type { BranchProgram, BranchResult } from '../branch-program.js';
import type { Device, Handle, Kernel, Plan, Values } from '../device.js';
import { ChunkKernels } from './kernels.js';
import { type DeviceNeurons, deviceNeurons, type Membranes } from './neurons.js';
import { TouchEncoder } from './touch.js';

interface LayerKernels {
  /** (u of the layer before) -> its groups; not of the first layer. */
  readonly groups: Kernel | undefined;
  /** (touch, clock) for the first layer, (u of the layer before, its groups) for the others. */
  readonly currents: Kernel;
  readonly membranes: Membranes;
  readonly firstTally: Kernel;
  readonly tally: Kernel;
}

/** What a plan can give: spikes a neuron; these and u of the last layer; or u of all layers. */
const results = {
  tallies: ({ tallies }: Unrolled) => tallies,
  output: ({ tallies, membranes }: Unrolled) => [...tallies, ...membranes.map((layers) => layers.at(-1)!)],
  trace: ({ membranes }: Unrolled) => membranes.flat(),
} as const;

export class Whole implements BranchProgram {
  readonly #layers: readonly EventLayer[];
  readonly #neurons: DeviceNeurons;
  readonly #encoder: TouchEncoder;
  readonly #chunks: number;
  readonly #plans = new Map<keyof typeof results, Plan>();

  /**
   * @param chunk scan steps a chunk, where the neurons can be scanned in chunks
   * @param windows windows a call
   */
  constructor(
    private readonly device: Device,
    stack: EventBranch,
    chunk: number,
    windows: number,
  ) {
    this.#layers = stack.layers;
    this.#neurons = deviceNeurons(device, stack, chunk, windows);
    this.#encoder = new TouchEncoder(stack.layers[0]!.spec);
    this.#chunks = Math.ceil(stack.steps / this.#neurons.shape.chunk);
  }

  async run(inputs: readonly ScanInput[], withOutput: boolean): Promise<BranchResult[]> {
    const { touch, operations } = this.#encode(inputs);
    const found = await this.#plan(withOutput ? 'output' : 'tallies').run(touch, clock());
    // Each layer's spikes a neuron, a row a window; behind them the chunks of the last layer.
    const spikes = found.slice(0, this.#layers.length);
    const chunks = found.slice(this.#layers.length);
    return inputs.map((_, w) => {
      const layerSpikes = spikes.map((rows) => rows[w]!.reduce((sum, n) => sum + n, 0));
      const dense = this.#layers.slice(1).map((layer, l) => layerSpikes[l]! * layer.spec.outputs);
      return {
        outcome: {
          counts: Uint32Array.from(spikes.at(-1)![w]!),
          layerSpikes,
          layerOps: [operations[w]!, ...dense],
        },
        output: withOutput ? this.#spikes(chunks, this.#layers.length - 1, w) : undefined,
      };
    });
  }

  async trace(input: ScanInput): Promise<Uint8Array[]> {
    const { touch } = this.#encode([input]);
    const found = await this.#plan('trace').run(touch, clock());
    return this.#layers.map((_, layer) =>
      this.#spikes(
        found.filter((_, i) => i % this.#layers.length === layer),
        layer,
        0,
      ),
    );
  }

  /**
   * Spikes of a layer over one window, row-major [steps, width], 0 or 1.
   * @param chunks u of the layer in each chunk: one row a step of the chunk, window after window
   */
  #spikes(chunks: readonly Float32Array[][], layer: number, window: number): Uint8Array {
    const { steps, chunk } = this.#neurons.shape;
    const { width } = this.#layers[layer]!;
    const spikes = new Uint8Array(steps * width);
    for (let step = 0; step < steps; step++) {
      const u = chunks[Math.floor(step / chunk)]![window * chunk + (step % chunk)]!;
      for (let j = 0; j < width; j++) spikes[step * width + j] = this.#neurons.fires(u[j]!) ? 1 : 0;
    }
    return spikes;
  }

  #encode(inputs: readonly ScanInput[]): { touch: Values; operations: number[] } {
    const { chunk, windows } = this.#neurons.shape;
    const rows = this.#chunks * chunk;
    const size = rows * this.#encoder.width;
    const data = new Float32Array(windows * size);
    const operations = inputs.map((input, w) =>
      this.#encoder.encode(input, data.subarray(w * size, (w + 1) * size)),
    );
    return { touch: { data, size: [this.#encoder.width, rows, windows] }, operations };
  }

  #plan(gives: keyof typeof results): Plan {
    const plan = this.#plans.get(gives) ?? this.#createPlan(results[gives]);
    this.#plans.set(gives, plan);
    return plan;
  }

  #createPlan(select: (found: Unrolled) => Handle[]): Plan {
    const { shape, firesSource } = this.#neurons;
    const kernels = new ChunkKernels(this.device, firesSource, shape);
    const tick = kernels.tick();
    const stack = this.#layers.map(
      (layer, l): LayerKernels => ({
        groups: l === 0 ? undefined : kernels.groups(layer),
        currents: l === 0 ? kernels.firstCurrents(layer) : kernels.currents(layer),
        membranes: this.#neurons.membranes(layer),
        firstTally: kernels.firstTally(layer),
        tally: kernels.tally(layer),
      }),
    );
    const cells = shape.chunk * shape.windows * Math.max(...this.#layers.map(({ width }) => width));
    return this.device.plan(cells, (touch, start) => select(unroll(this.#chunks, stack, tick, touch, start)));
  }
}

interface Unrolled {
  /** u of each layer in each chunk. */
  readonly membranes: Handle[][];
  /** Spikes of each layer over all chunks. */
  readonly tallies: Handle[];
}

/** Calls the kernels chunk by chunk, layer by layer, while a plan is traced. */
function unroll(
  chunks: number,
  stack: readonly LayerKernels[],
  tick: Kernel,
  touch: Handle,
  start: Handle,
): Unrolled {
  const membranes: Handle[][] = [];
  const tallies: Handle[] = [];
  let time = start;
  for (let n = 0; n < chunks; n++) {
    const before = membranes.at(-1);
    const now: Handle[] = [];
    for (const [l, layer] of stack.entries()) {
      const below = now[l - 1] ?? touch;
      const currents = layer.currents(below, layer.groups?.(below) ?? time);
      const u = layer.membranes(currents, before?.[l]);
      tallies[l] = before === undefined ? layer.firstTally(u) : layer.tally(u, tallies[l]!, time);
      now.push(u);
    }
    membranes.push(now);
    time = tick(time);
  }
  return { membranes, tallies };
}

/** The clock before the first chunk. */
function clock(): Values {
  return { data: new Float32Array(1), size: [1] };
}
