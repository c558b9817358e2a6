/**
 * The native packages that two modes need. Neither is a dependency: they are large (webgpu 130 MB) or need a compiler
 * (gl), and boards without a GPU have no use for them. Who wants one names its folder in the environment:
 *
 *   WHORL_WEBGPU=.../node_modules/webgpu     (0.6.2 loads on Debian 12, x64 and arm64)
 *   WHORL_GL=.../node_modules/gl
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The part of a WebGPU adapter that is looked at here. */
interface Adapter {
  readonly info: { readonly description: string; readonly isFallbackAdapter?: boolean };
}

interface WebGpu {
  requestAdapter(): Promise<Adapter | null>;
}

interface WebGpuPackage {
  create(options: string[]): WebGpu;
  readonly globals: Record<string, unknown>;
}

export interface FoundAdapter {
  readonly description: string;
  /** Computed by the CPU. */
  readonly software: boolean;
}

/** Kept for the life of the process: WebGPU objects must not outlive the instance that they came from. */
let instance: WebGpu | undefined;

/**
 * Makes WebGPU reachable as `navigator.gpu`, where gpu.js looks for it, and asks for an adapter.
 * @returns the adapter, or why there is none
 */
export async function findAdapter(): Promise<FoundAdapter | string> {
  const scope = globalThis as unknown as { navigator?: { gpu?: WebGpu } };
  if (scope.navigator?.gpu === undefined) {
    const found = await createInstance();
    if (typeof found === 'string') return found;
    if (scope.navigator === undefined)
      Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true, writable: true });
    Object.defineProperty(scope.navigator!, 'gpu', { value: found, configurable: true });
  }
  const adapter = await scope.navigator!.gpu!.requestAdapter();
  if (adapter === null) return 'WebGPU finds no adapter: is there a Vulkan driver (VK_DRIVER_FILES)?';
  const { description, isFallbackAdapter } = adapter.info;
  return { description, software: isFallbackAdapter ?? false };
}

/** Takes `navigator.gpu` away again, if `findAdapter` put it there. */
export function hideWebGpu(): void {
  const { navigator } = globalThis as unknown as { navigator?: { gpu?: WebGpu } };
  if (instance !== undefined && navigator?.gpu === instance) delete navigator.gpu;
}

async function createInstance(): Promise<WebGpu | string> {
  if (instance !== undefined) return instance;
  const folder = process.env['WHORL_WEBGPU'];
  const how = 'it needs the package webgpu: npm install webgpu@0.6.2, WHORL_WEBGPU=its folder';
  const name = folder === undefined ? 'webgpu' : pathToFileURL(join(folder, 'index.js')).href;
  try {
    const found = (await import(name)) as Partial<WebGpuPackage>;
    // The lock file puts an empty package in the place of webgpu, so that installing whorl does not fetch the real one.
    if (found.create === undefined) return how;
    Object.assign(globalThis, found.globals);
    instance = found.create([]);
    return instance;
  } catch (error) {
    return `${how} (${(error as Error).message})`;
  }
}

/** Puts the `gl` package of WHORL_GL where gpu.js will look for it; to be called before gpu.js is loaded. */
export function provideGl(): void {
  const folder = process.env['WHORL_GL'];
  if (folder === undefined) return;
  const require = createRequire(import.meta.url);
  require(folder);
  const place = createRequire(require.resolve('gpu.js')).resolve('gl');
  require.cache[place] = require.cache[require.resolve(folder)];
}
