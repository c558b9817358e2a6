/**
 * The native packages that two modes need. Neither is a dependency: they are large (webgpu 130 MB) or need a compiler
 * (gl), and boards without a GPU have no use for them. Who wants one names its folder in the environment:
 *
 *   GPUJS_WEBGPU=.../node_modules/webgpu     (0.6.2 loads on Debian 12, x64 and arm64)
 *   GPUJS_GL=.../node_modules/gl
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The parts of WebGPU that are looked at here. */
interface WebGpu {
  requestAdapter(): Promise<{
    readonly info: { readonly description: string; readonly isFallbackAdapter?: boolean };
  } | null>;
}

interface WebGpuPackage {
  create(options: string[]): WebGpu;
  readonly globals: Record<string, unknown>;
}

export interface Adapter {
  readonly description: string;
  /** Computed by the CPU. */
  readonly software: boolean;
}

/** Kept for the life of the process: WebGPU objects must not outlive the instance that they came from. */
let instance: WebGpu | undefined;
let holders = 0;

const scope = globalThis as unknown as { navigator?: { gpu?: WebGpu } };

/**
 * Makes WebGPU reachable as `navigator.gpu`, where gpu.js looks for it, until `releaseWebGpu`.
 * @returns the adapter, or why there is none; only an adapter is held
 */
export async function holdWebGpu(): Promise<Adapter | string> {
  holders++;
  const adapter = await findAdapter().catch((error: Error) => error.message);
  if (typeof adapter === 'string') releaseWebGpu();
  return adapter;
}

/** Takes `navigator.gpu` away again when nobody holds it any more, if it was put there by `holdWebGpu`. */
export function releaseWebGpu(): void {
  holders--;
  if (holders === 0 && instance !== undefined && scope.navigator?.gpu === instance)
    delete scope.navigator.gpu;
}

async function findAdapter(): Promise<Adapter | string> {
  if (scope.navigator?.gpu === undefined) {
    const created = instance ?? (await createInstance());
    if (typeof created === 'string') return created;
    instance = created;
    if (scope.navigator === undefined)
      Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true, writable: true });
    Object.defineProperty(scope.navigator, 'gpu', { value: instance, configurable: true });
  }
  const adapter = await scope.navigator!.gpu!.requestAdapter();
  if (adapter === null) return 'WebGPU finds no adapter: is there a Vulkan driver (VK_DRIVER_FILES)?';
  const { description, isFallbackAdapter } = adapter.info;
  return { description, software: isFallbackAdapter ?? false };
}

async function createInstance(): Promise<WebGpu | string> {
  const folder = process.env['GPUJS_WEBGPU'];
  const name = folder === undefined ? 'webgpu' : pathToFileURL(join(folder, 'index.js')).href;
  const how = 'it needs the package webgpu: npm install webgpu@0.6.2, and GPUJS_WEBGPU=its folder';
  try {
    const { create, globals } = (await import(name)) as Partial<WebGpuPackage>;
    // whorl's lock file has an empty package in the place of webgpu, so that installing whorl does not fetch that.
    if (create === undefined) return how;
    Object.assign(globalThis, globals);
    return create([]);
  } catch (error) {
    return `${how} (${(error as Error).message})`;
  }
}

/** Puts the package of GPUJS_GL where gpu.js will look for `gl`; to be called before gpu.js is loaded. */
export function provideGl(): void {
  const folder = process.env['GPUJS_GL'];
  if (folder === undefined) return;
  const require = createRequire(import.meta.url);
  require(folder);
  const place = createRequire(require.resolve('gpu.js')).resolve('gl');
  require.cache[place] = require.cache[require.resolve(folder)];
}
