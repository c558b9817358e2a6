/** What an executor holds on the device: the stacks' programs, made when first needed and freed together. */
import { type ScanInput, stackInput } from '../../network/scan-input.js';
import { layerWidth, type NetworkSpec, STACKS, type StackName, scanSteps } from '../../network/spec.js';
import { SpikeTrain } from '../../network/spike-train.js';
import type { TaxelWindow } from '../../network/window.js';
import type { BranchOutcome, Network, Outcome, Trace } from '../engine.js';
import { createEventBranch, type EventBranch } from '../event/branch.js';
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
  /** Scan steps a chunk of LIF neurons in the whole-network form, from 1; usually 25. */
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
  readonly #spec: NetworkSpec;
  /** In the order in which they are computed. */
  readonly #stacks: ReadonlyMap<StackName, EventBranch>;
  /** By stack and slots. */
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
      await programs.run(1, [{ cells: new Uint32Array() }]);
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
    this.#spec = spec;
    this.#stacks = new Map(
      STACKS.filter((name) => spec[name] !== undefined).map((name) => [
        name,
        createEventBranch(plainKernels, spec, name, weights),
      ]),
    );
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

  /**
   * Runs all stacks over up to `slots` windows.
   * Throws when the executor was disposed of.
   */
  async run(slots: number, windows: readonly TaxelWindow[]): Promise<Outcome[]> {
    const found = windows.map((): { [S in StackName]?: BranchOutcome } => ({}));
    const outputs = windows.map(() => new Map<StackName, ScanInput>());
    for (const name of this.#stacks.keys()) {
      const inputs = windows.map((window, w) => stackInput(this.#spec, name, window, outputs[w]!));
      const fuses = this.#spec.fused !== undefined && name !== 'fused';
      const results = await this.#program(name, slots).run(inputs, fuses);
      for (const [w, { outcome, output }] of results.entries()) {
        found[w]![name] = outcome;
        if (output !== undefined) outputs[w]!.set(name, this.#train(output));
      }
    }
    return found;
  }

  /** Spikes of all layers of all stacks over one window. Throws when the executor was disposed of. */
  async trace(window: TaxelWindow): Promise<Trace> {
    const trace: { [S in StackName]?: Uint8Array[] } = {};
    const outputs = new Map<StackName, ScanInput>();
    for (const name of this.#stacks.keys()) {
      const input = stackInput(this.#spec, name, window, outputs);
      const layers = await this.#program(name, 1).trace(input);
      outputs.set(name, this.#train(layers.at(-1)!));
      trace[name] = layers;
    }
    return trace;
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

  #train(output: Uint8Array): SpikeTrain {
    return SpikeTrain.of(output, this.#spec.labels.length);
  }

  #program(name: StackName, slots: number): BranchProgram {
    if (this.#closed) throw new Error('the executor was disposed of');
    const key = `${name} ${slots}`;
    const program = this.#programs.get(key) ?? this.#create(this.#stacks.get(name)!, slots);
    this.#programs.set(key, program);
    return program;
  }

  #create(stack: EventBranch, slots: number): BranchProgram {
    return this.#form === 'by-layer'
      ? new ByLayer(this.device, stack, slots)
      : new Whole(this.device, stack, this.options.chunk ?? 25, slots);
  }
}

/** Inputs or neurons of the largest layer, over all steps of one window. */
function mostInputs(spec: NetworkSpec): number {
  return Math.max(
    ...STACKS.flatMap((name) =>
      (spec[name]?.layers ?? []).map((layer) => {
        const inputs =
          layer.kind === 'dense' ? layer.inputs : layer.graph.nodes * (layer.hops + 1) * layer.inputs;
        return scanSteps(spec, name) * Math.max(inputs, layerWidth(layer));
      }),
    ),
  );
}
