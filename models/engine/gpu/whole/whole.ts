/**
 * The form for real GPUs: a branch is one plan, unrolled over chunks of scan steps, and nothing leaves the device before
 * the last spike is counted. See kernels.ts for the state.
 */
import type { ScanInput } from '../../../network/scan-input.js';
import type { LifSpec } from '../../../network/spec.js';
import type { BranchOutcome } from '../../engine.js';
import type { EventLayer } from '../../event/layer.js';
import type { BranchProgram } from '../branch-program.js';
import type { Device, Handle, Kernel, Plan, Values } from '../device.js';
import { ChunkKernels, type Shape } from './kernels.js';
import { TouchEncoder } from './touch.js';

interface LayerKernels {
  /** (u of the layer before) -> its groups; not of the first layer. */
  readonly groups: Kernel | undefined;
  /** (touch, clock) for the first layer, (u of the layer before, its groups) for the others. */
  readonly currents: Kernel;
  readonly firstMembranes: Kernel;
  readonly membranes: Kernel;
  readonly firstTally: Kernel;
  readonly tally: Kernel;
}

export class Whole implements BranchProgram {
  readonly #encoder: TouchEncoder;
  readonly #chunks: number;
  readonly #plan: Plan;
  #tracing: Plan | undefined;

  constructor(
    private readonly device: Device,
    private readonly lif: LifSpec,
    private readonly layers: readonly EventLayer[],
    private readonly shape: Shape,
  ) {
    this.#encoder = new TouchEncoder(layers[0]!.spec);
    this.#chunks = Math.ceil(shape.steps / shape.chunk);
    this.#plan = this.#createPlan(({ tallies }) => tallies);
  }

  async run(inputs: readonly ScanInput[]): Promise<BranchOutcome[]> {
    const { touch, operations } = this.#encode(inputs);
    // Each layer's spikes a neuron, a row a window.
    const spikes = await this.#plan.run(touch, clock());
    return inputs.map((_, w) => {
      const layerSpikes = spikes.map((rows) => rows[w]!.reduce((sum, n) => sum + n, 0));
      const dense = this.layers.slice(1).map((layer, l) => layerSpikes[l]! * layer.spec.outputs);
      return {
        counts: Uint32Array.from(spikes.at(-1)![w]!),
        layerSpikes,
        layerOps: [operations[w]!, ...dense],
      };
    });
  }

  async trace(input: ScanInput): Promise<Uint8Array[]> {
    const { steps, chunk } = this.shape;
    this.#tracing ??= this.#createPlan(({ membranes }) => membranes.flat());
    const { touch } = this.#encode([input]);
    const found = await this.#tracing.run(touch, clock());
    const threshold = Math.fround(this.lif.threshold);
    return this.layers.map(({ width }, l) => {
      const spikes = new Uint8Array(steps * width);
      for (let step = 0; step < steps; step++) {
        const rows = found[Math.floor(step / chunk) * this.layers.length + l]!;
        const u = rows[step % chunk]!;
        for (let j = 0; j < width; j++) spikes[step * width + j] = u[j]! > threshold ? 1 : 0;
      }
      return spikes;
    });
  }

  #encode(inputs: readonly ScanInput[]): { touch: Values; operations: number[] } {
    const { chunk, windows } = this.shape;
    const rows = this.#chunks * chunk;
    const size = rows * this.#encoder.width;
    const data = new Float32Array(windows * size);
    const operations = inputs.map((input, w) =>
      this.#encoder.encode(input, data.subarray(w * size, (w + 1) * size)),
    );
    return { touch: { data, size: [this.#encoder.width, rows, windows] }, operations };
  }

  #createPlan(results: (found: Unrolled) => Handle[]): Plan {
    const kernels = new ChunkKernels(this.device, this.lif, this.shape);
    const tick = kernels.tick();
    const stack = this.layers.map(
      (layer, l): LayerKernels => ({
        groups: l === 0 ? undefined : kernels.groups(layer),
        currents: l === 0 ? kernels.firstCurrents(layer) : kernels.currents(layer),
        firstMembranes: kernels.firstMembranes(layer),
        membranes: kernels.membranes(layer),
        firstTally: kernels.firstTally(layer),
        tally: kernels.tally(layer),
      }),
    );
    const cells = this.shape.chunk * this.shape.windows * Math.max(...this.layers.map(({ width }) => width));
    return this.device.plan(cells, (touch, start) =>
      results(unroll(this.#chunks, stack, tick, touch, start)),
    );
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
      const u = before === undefined ? layer.firstMembranes(currents) : layer.membranes(currents, before[l]!);
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
