import { type Model, readModelFile } from '../../models/index.js';
import { missingModel, modelPath } from '../bundled.js';
import { CliError } from './exit.js';

/** Reads the model that an option names. Throws `CliError` that names the bundled ones when there is none. */
export async function openModel(name: string): Promise<Model> {
  const missing = missingModel(name);
  if (missing !== undefined) throw new CliError(missing);
  return readModelFile(modelPath(name));
}
