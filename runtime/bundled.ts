/** Model files that come with whorl, by name. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../models/bundled', import.meta.url));

/** The model of `npm start`. */
export const demoModel = 'demo';

/** Names of the bundled models. */
export function bundledModels(): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.safetensors'))
    .map((file) => file.slice(0, -'.safetensors'.length))
    .sort();
}

/** Path of a model that is named by file (relative to `base`) or by the name of a bundled model. */
export function modelPath(model: string, base = process.cwd()): string {
  return bundledModels().includes(model) ? join(folder, `${model}.safetensors`) : resolve(base, model);
}

/** Why there is no model file of that name or path, and which names there are; undefined when there is one. */
export function missingModel(model: string, base = process.cwd()): string | undefined {
  const path = modelPath(model, base);
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined;
  return `${path}: no such file; bundled models: ${bundledModels().join(', ')}`;
}
