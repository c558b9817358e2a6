import type { LoadedModel } from '../inference/index.js';

/** Modes of the gpu engine that compute through a graphics driver; a software driver is one too. */
const graphics = ['webgpu', 'headlessgl'];

/** What computes a model, as messages call it. */
export function backendOf({ mode }: Pick<LoadedModel, 'mode'>): 'cpu' | 'gpu' {
  return graphics.includes(mode) ? 'gpu' : 'cpu';
}
