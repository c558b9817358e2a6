/** What an executor holds on the device: the branches' programs, made when first needed and freed together. */
import { scanInput } from '../../network/scan-input.js';
import { BRANCHES, type BranchName, layerWidth, type NetworkSpec, scanSteps } from '../../network/spec.js';
import type { Network } from '../engine.js';
import { createEventBranch, type LifBranch } from '../event/branch.js';
import { plainKernels } from '../event/kernels.js';
import type { BranchProgram } from './branch-program.js';
import { ByLayer } from './by-layer/by-layer.js';
import { Device } from './device.js';
import type { Form, GpuMode } from './modes.js';
import { Whole } from './whole/whole.js';

export interface GpuOptions {
  /** Absent: `whole` on a GPU, `by-layer` where the CPU computes. */
  readonly form?: Form;
  /** Windows that are computed together when there are several, from 1; usually 8, fewer for large networks. */
  readonly batch?: number;
  /** Scan steps a chunk of the whole-network form, from 1; usually 25. */
  readonly chunk?: number;
}

/** Throws RangeError for a size that is not a whole number from 1. */
export function checkOptions({ batch = 1, chunk = 1 }: GpuOptions): void {
  for (const [name, size] of Object.entries({ batch, chunk }))
    if (!(Number.isInteger(size) && size >= 1))
      throw new RangeError(`engine gpu: ${name} is ${size}, but must be a whole number from 1`);
}

/** gpu.js computes indices in float32: beyond this they are not exact. */
const largestIndex = 2 ** 24;

export class Programs {
  readonly #batch: number;
  readonly #layers: ReadonlyMap<BranchName, LifBranch>;
  /** By branch and slots. */
  readonly #programs = new Map<string, BranchProgram>();
  #closed = false;

  /**
   * Prepares a network and runs it once over an empty window: gpu.js translates and uploads when it is first called, and
   * only then says what it runs on.
   * @param strict whether to refuse another mode than `mode`
   * Throws RangeError for a network that is too large for gpu.js.
   */
  static async open(
    network: Network,
    mode: GpuMode,
    options: GpuOptions,
    strict: boolean,
  ): Promise<Programs> {
    const mostWindows = Math.floor(largestIndex / mostInputs(network.spec));
    if (mostWindows < 1)
      throw new RangeError(`engine gpu: network "${network.spec.name}" is too large for gpu.js's indices`);
    const programs = new Programs(network, await Device.open(mode, strict), options, mostWindows);
    try {
      const untouched = { cells: new Uint32Array() };
      for (const branch of programs.branches)
        await programs.program(branch, 1).run([scanInput(network.spec, branch, untouched)]);
    } catch (error) {
      await programs.close();
      throw error;
    }
    return programs;
  }

  private constructor(
    { spec, weights }: Network,
    private readonly device: Device,
    private readonly options: GpuOptions,
    mostWindows: number,
  ) {
    this.#batch = Math.min(options.batch ?? 8, mostWindows);
    this.#layers = new Map(
      BRANCHES.filter((name) => spec[name] !== undefined).map((name) => [
        name,
        createEventBranch(plainKernels, spec, name, weights) as LifBranch,
      ]),
    );
  }

  get branches(): readonly BranchName[] {
    return [...this.#layers.keys()];
  }

  get mode(): GpuMode {
    return this.device.ran ?? this.device.mode;
  }

  get details(): string {
    const { reports, adapter } = this.device;
    return [this.#form, ...reports, ...(adapter === undefined ? [] : [adapter.description])].join(', ');
  }

  /** Windows of the program that `left` windows should run on. There are two sizes, as each is compiled for itself. */
  slots(left: number): number {
    return left === 1 ? 1 : this.#batch;
  }

  program(name: BranchName, slots: number): BranchProgram {
    if (this.#closed) throw new Error('the executor was disposed of');
    const key = `${name} ${slots}`;
    const program = this.#programs.get(key) ?? this.#create(this.#layers.get(name)!, slots);
    this.#programs.set(key, program);
    return program;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#programs.clear();
    await this.device.close();
  }

  get #form(): Form {
    const { mode, adapter } = this.device;
    const onGpu = mode === 'headlessgl' || adapter?.software === false;
    return this.options.form ?? (onGpu ? 'whole' : 'by-layer');
  }

  #create(branch: LifBranch, slots: number): BranchProgram {
    if (this.#form === 'by-layer') return new ByLayer(this.device, branch, slots);
    const { steps } = branch;
    const chunk = Math.min(this.options.chunk ?? 25, steps);
    return new Whole(this.device, branch.neuron, branch.layers, { steps, chunk, windows: slots });
  }
}

/** Inputs or neurons of the largest layer, over all steps of one window. */
function mostInputs(spec: NetworkSpec): number {
  return Math.max(
    ...BRANCHES.flatMap((name) =>
      (spec[name]?.layers ?? []).map((layer) => {
        const inputs =
          layer.kind === 'dense' ? layer.inputs : layer.graph.nodes * (layer.hops + 1) * layer.inputs;
        return scanSteps(spec, name) * Math.max(inputs, layerWidth(layer));
      }),
    ),
  );
}
