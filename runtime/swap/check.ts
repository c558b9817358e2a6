/** What a model must pass before it enters the store. */
import {
  engineByName,
  type Model,
  madeUpWindows,
  makeSelfTest,
  NetworkError,
  type NetworkFault,
  readModel,
  verifyModel,
} from '../../models/index.js';
import { checkName } from './manifest.js';
import { Refusal, type RefusalCode } from './refusal.js';

const codes: Readonly<Record<NetworkFault, RefusalCode>> = {
  truncated: 'truncated',
  too_large: 'too_large',
  not_finite: 'not_finite',
  old_format: 'old_format',
  shape: 'wrong_shape',
};

/**
 * Reads a model from bytes that are nobody else's, and runs its self-test on the event engine. Without a self-test the
 * engine is compared with the reference engine on made-up windows.
 * @param name what a checkpoint that does not name itself is called
 * Throws `Refusal`: bad_file, truncated, too_large, not_finite, old_format, wrong_shape, bad_name, self_test.
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
    if (!(error instanceof NetworkError)) throw error;
    const code = error.fault === undefined ? 'bad_file' : codes[error.fault];
    throw new Refusal(code, `${name}: ${error.message}`);
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
