/**
 * The only file that knows gpu.js: a typed window on what the engine uses of it. Kernels are source text with literal
 * bounds and no captured values, because gpu.js translates source, and everything else that it accepts breaks under one
 * tool or another. All kernels run as part of a plan (gpu.js: pipeline), because plans say what ran them.
 */
import type { GPU, IKernelRunShortcut, IPipelineRunShortcut } from 'gpu.js';
import { type GpuMode, modes, type Ran, ranAs } from './modes.js';
import { type Adapter, holdWebGpu, provideGl, releaseWebGpu } from './native.js';

/** Values that a kernel reads, row-major, x moving fastest. */
export interface Values {
  readonly data: Float32Array;
  readonly size: Size;
}
/** [x], [x, y] or [x, y, z]. */
export type Size = readonly [number] | readonly [number, number] | readonly [number, number, number];

/** A value while a plan is traced: good for nothing but as input of a kernel. */
export interface Handle {
  readonly handle: never;
}
export type Kernel = (...inputs: readonly Handle[]) => Handle;

export interface KernelOptions {
  /** `function (inputs...) { ... }` in gpu.js's part of JavaScript. */
  readonly source: string;
  readonly output: Size;
  /** Uploaded once, read as `this.constants.NAME`. */
  readonly constants?: Readonly<Record<string, Values>>;
}

export interface Plan {
  /**
   * Runs the plan; calls queue up.
   * @returns each result as its rows in order
   */
  run(first: Values, second: Values): Promise<Float32Array[][]>;
  destroy(): Promise<void>;
}

/** Most iterations of a loop whose bound is data: the entries of one block of inputs. gpu.js stops there in silence. */
export const loopLimit = 256;

/** Loads gpu.js, which takes a while: only when an executor is wanted. */
export async function loadGpuJs(): Promise<typeof import('gpu.js')> {
  provideGl();
  return import('gpu.js');
}

export class Device {
  /** The mode that the plans ran in. */
  ran: GpuMode | undefined;
  /** What gpu.js said of each plan, without repetitions. */
  readonly reports = new Set<string>();

  /** @param strict whether computing in another mode than `mode` is an error */
  static async open(mode: GpuMode, strict: boolean): Promise<Device> {
    const library = await loadGpuJs();
    const adapter = mode === 'webgpu' ? await holdWebGpu() : undefined;
    if (typeof adapter === 'string') throw new Error(adapter);
    return new Device(library, new library.GPU({ mode: modes[mode].name }), mode, strict, adapter);
  }

  private constructor(
    private readonly library: typeof import('gpu.js'),
    private readonly gpu: GPU,
    readonly mode: GpuMode,
    private readonly strict: boolean,
    /** Of mode `webgpu`. */
    readonly adapter: Adapter | undefined,
  ) {}

  kernel({ source, output, constants = {} }: KernelOptions): Kernel {
    const inputs = Object.entries(constants).map(([name, values]) => [name, this.#input(values)] as const);
    const settings = {
      output: [...output],
      constants: Object.fromEntries(inputs),
      precision: 'single' as const,
      loopMaxIterations: loopLimit, // missing in gpu.js's types
    };
    const kernel: IKernelRunShortcut = this.gpu.createKernel(source, settings);
    return kernel as unknown as Kernel;
  }

  /**
   * @param trace called once, when the plan is first run; its kernel calls are recorded, what it returns are the results
   * @param cells values that the largest kernel computes
   */
  plan(cells: number, trace: (first: Handle, second: Handle) => Handle[]): Plan {
    const pipeline = this.gpu.createPipeline(
      (first: unknown, second: unknown) => trace(first as Handle, second as Handle),
      { threads: modes[this.mode].threads },
    );
    let checked = false;
    return {
      run: async (first, second) => {
        const results = await pipeline(this.#input(first), this.#input(second));
        if (!checked) this.#check(pipeline, cells);
        checked = true;
        return (results as unknown[]).map(rowsOf);
      },
      destroy: () => pipeline.destroy(),
    };
  }

  /** Frees everything that was made with this device; to be called once. */
  async close(): Promise<void> {
    await this.gpu.destroy();
    if (this.adapter !== undefined) releaseWebGpu();
  }

  /** Reads back what ran. Throws when it is not what was asked for, unless anything goes. */
  #check({ backend, executorKind, fallbackReason }: IPipelineRunShortcut, cells: number): void {
    const ran: Ran = { backend: backend ?? '?', executor: executorKind, reason: fallbackReason ?? undefined };
    const mode = ranAs(ran, this.mode, cells);
    if (this.strict && mode !== this.mode)
      throw new Error(
        `engine gpu, mode ${this.mode}: gpu.js ran it on ${ran.backend} (${ran.executor}) instead: ${ran.reason ?? 'no reason given'}`,
      );
    this.ran = mode ?? this.mode;
    this.reports.add(`${ran.backend} ${ran.executor}`);
  }

  #input({ data, size }: Values): InstanceType<typeof import('gpu.js').Input> {
    // Typed as number[], but any list of numbers will do, and a Float32Array is copied fastest.
    return new this.library.Input(data as unknown as number[], [...size] as [number]);
  }
}

/** Results are arrays of arrays of rows, the deeper the more dimensions there are. */
function rowsOf(result: unknown): Float32Array[] {
  return result instanceof Float32Array ? [result] : (result as unknown[]).flatMap(rowsOf);
}
