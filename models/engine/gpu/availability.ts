import { availableParallelism } from 'node:os';
import { loadGpuJs } from './device.js';
import type { GpuMode } from './modes.js';
import { holdWebGpu, releaseWebGpu } from './native.js';

/** Why this machine cannot compute in a mode and what would help; undefined when it can. */
export async function whyUnavailable(mode: GpuMode): Promise<string | undefined> {
  const { GPU } = await loadGpuJs();
  switch (mode) {
    case 'webgpu': {
      const adapter = await holdWebGpu();
      if (typeof adapter === 'string') return adapter;
      releaseWebGpu();
      return undefined;
    }
    case 'headlessgl':
      return GPU.isHeadlessGLSupported
        ? undefined
        : 'it needs the package gl and a display: npm install gl@8.1.6, GPUJS_GL=its folder, xvfb-run';
    case 'webasm':
      return GPU.isWebAssemblySupported ? undefined : 'there is no WebAssembly';
    case 'webasm-threaded':
      if (!GPU.isWebAssemblySupported) return 'there is no WebAssembly';
      return availableParallelism() > 1 ? undefined : 'there is only one core';
    case 'cpu':
      return undefined;
  }
}
