/** What a model must pass before it enters the store. */
import {
  engineByName,
  type Model,
  madeUpWindows,
  makeSelfTest,
  NetworkError,
  readModel,
  verifyModel,
} from '../../models/index.js';
import { checkName } from './manifest.js';
import { Refusal } from './refusal.js';

/**
 * Reads a model from bytes that are nobody else's, and runs its self-test on the event engine. Without a self-test the
 * engine is compared with the reference engine on made-up windows.
 * @param name what a checkpoint that does not name itself is called
 * Throws `Refusal`: bad_file, bad_name, self_test.
 */
export async function checkModel(bytes: Uint8Array, name: string): Promise<Model> {
  const model = readModelBytes(bytes, name);
  checkName('id', model.id);
  checkName('version', model.version);
  const selfTest = model.selfTest.length > 0 ? model.selfTest : await madeUpTest(model);
  const faults = await selfTestFaults({ ...model, selfTest });
  if (faults.length > 0) throw new Refusal('self_test', `${model.id}@${model.version}: ${faults[0]}`);
  return model;
}

function readModelBytes(bytes: Uint8Array, name: string): Model {
  try {
    return readModel(bytes, name);
  } catch (error) {
    if (error instanceof NetworkError) throw new Refusal('bad_file', `${name}: ${error.message}`);
    throw error;
  }
}

async function madeUpTest(model: Model): Promise<Model['selfTest']> {
  const executor = await engineByName('reference').compile(model);
  try {
    return await makeSelfTest(executor, madeUpWindows(model.spec.input));
  } finally {
    await executor.dispose();
  }
}

async function selfTestFaults(model: Model): Promise<readonly string[]> {
  const executor = await engineByName('event').compile(model);
  try {
    return (await verifyModel(executor, model)).faults;
  } catch (error) {
    if (error instanceof NetworkError) return [error.message];
    throw error;
  } finally {
    await executor.dispose();
  }
}
