/**
 * The gpu engine in both forms on every mode that the machine has. `webgpu` needs test/webgpu/install.sh; `headlessgl`,
 * whose package takes minutes to build, is left to test/headlessgl/run.sh.
 */
import { createGpuEngine } from '../../models/index.js';
import { checkEngine } from './engine-suite.js';

/** Compiling a network takes a second on a software WebGPU. */
const networks: Readonly<Record<string, number>> = { webgpu: 8, headlessgl: 8 };

for (const form of ['by-layer', 'whole'] as const) {
  const engine = createGpuEngine({ form });
  const modes = engine.modes.filter((mode) => mode !== 'headlessgl' || process.env['GPUJS_GL'] !== undefined);
  for (const mode of modes)
    await checkEngine({ engine, mode, variant: form, networks: networks[mode] ?? 30, realWindows: 2 });
}
