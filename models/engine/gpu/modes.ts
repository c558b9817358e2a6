/** The ways in which gpu.js can compute, and what it must report when it really computes that way. */

/** Best first: with a real GPU, then without one. */
export const modeNames = ['webgpu', 'headlessgl', 'webasm', 'webasm-threaded', 'cpu'] as const;
export type GpuMode = (typeof modeNames)[number];

/** `by-layer`: JavaScript between the dense layers; `whole`: the whole network in one plan on the device. */
export type Form = 'by-layer' | 'whole';

/** What gpu.js says of a plan after it has run. */
export interface Ran {
  /** Backend that computed: webgpu, gpu (any OpenGL), webasm or cpu. */
  readonly backend: string;
  /** fused-encoder (WebGPU), fused-sync or fused-threaded (WebAssembly), generic (one kernel after the other). */
  readonly executor: string;
  /** Why gpu.js did not fuse the plan, if it did not. */
  readonly reason: string | undefined;
}

interface ModeFacts {
  /** The mode's name in gpu.js. */
  readonly name: 'webgpu' | 'headlessgl' | 'webasm' | 'cpu';
  readonly threads: boolean;
  readonly backend: string;
  readonly executor: string;
}

export const modes: Readonly<Record<GpuMode, ModeFacts>> = {
  webgpu: { name: 'webgpu', threads: false, backend: 'webgpu', executor: 'fused-encoder' },
  headlessgl: { name: 'headlessgl', threads: false, backend: 'gpu', executor: 'generic' },
  webasm: { name: 'webasm', threads: false, backend: 'webasm', executor: 'fused-sync' },
  'webasm-threaded': { name: 'webasm', threads: true, backend: 'webasm', executor: 'fused-threaded' },
  cpu: { name: 'cpu', threads: false, backend: 'cpu', executor: 'generic' },
};

/** gpu.js splits the cells of a kernel among threads only where there are more than these. */
const cellsPerThread = 4096;

/**
 * The mode that a plan ran in.
 * @param asked the mode that was asked for: plans that are too small for threads still count as threaded
 * @param cells values that the largest kernel of the plan computes
 */
export function ranAs(ran: Ran, asked: GpuMode, cells: number): GpuMode | undefined {
  const tooSmall = asked === 'webasm-threaded' && cells <= cellsPerThread && ran.executor === 'fused-sync';
  if (tooSmall && ran.backend === 'webasm') return asked;
  return modeNames.find(
    (name) => modes[name].backend === ran.backend && modes[name].executor === ran.executor,
  );
}

/** Throws RangeError for a name that is none of the modes. */
export function modeOf(name: string): GpuMode {
  const mode = modeNames.find((known) => known === name);
  if (mode === undefined)
    throw new RangeError(`engine gpu has no mode "${name}"; it has ${modeNames.join(', ')}`);
  return mode;
}
