/** Whether the models of the pipelines can be read and answer as they say they must. */
import { engineByName, readModelFile, verifyModel } from '../../models/index.js';
import { demoModel, missingModel, modelPath } from '../bundled.js';
import { type Config, storeModel } from '../config/index.js';
import { type Finding, findingsOf, messageOf } from './finding.js';

const { ok, warn, fail } = findingsOf('models');

/** The models of all enabled pipelines, each once, but for those of the store; the bundled one when there are none. */
export async function checkModels(config: Config): Promise<Finding[]> {
  const used = Object.values(config.pipelines).filter(({ enabled }) => enabled);
  const names = new Set(used.map(({ model }) => model));
  if (names.size === 0) names.add(demoModel);
  names.delete(storeModel);
  const findings: Finding[] = [];
  for (const name of names) findings.push(await checkModel(name));
  return findings;
}

async function checkModel(name: string): Promise<Finding> {
  const missing = missingModel(name);
  if (missing !== undefined)
    return fail(missing, 'correct the name in pipelines.*.model, or put the file there');
  try {
    const model = await readModelFile(modelPath(name));
    const executor = await engineByName('event').compile(model);
    const {
      ok: passed,
      windows,
      faults,
    } = await verifyModel(executor, model).finally(() => executor.dispose());
    const called = `${name}: ${model.id} ${model.version}`;
    if (!passed)
      return fail(
        `${called} fails its self-test: ${faults[0]}`,
        'fetch or train the model again: the file is damaged',
      );
    if (windows === 0)
      return warn(
        `${called} has no self-test`,
        "train it with 'whorl train', which writes one into the file",
      );
    return ok(`${called}, self-test passed, ${windows} windows`);
  } catch (error) {
    return fail(`${name}: ${messageOf(error)}`, 'fetch or train the model again');
  }
}
