import type { Command } from 'commander';
import { engineByName, engines, evaluate, readModelFile } from '../../models/index.js';
import { modelPath } from '../bundled.js';
import { dataHelp, readDatasetFor } from '../dataset/source.js';
import { confusionTable, evaluationJson } from './evaluation.js';
import { CliError, exitCodes } from './exit.js';
import { createProgress } from './progress.js';

interface Options {
  readonly model: string;
  readonly data: string;
  readonly engine: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .requiredOption('-m, --model <model>', 'model file, or the name of a bundled model')
    .requiredOption('-d, --data <data>', dataHelp)
    .option('-e, --engine <name>', engines.map(({ name }) => name).join(' or '), engines[0]!.name)
    .option('--json', 'one JSON object on standard output and nothing else')
    .action(run);
}

async function run(options: Options): Promise<void> {
  if (!engines.some(({ name }) => name === options.engine)) {
    throw new CliError(
      `no engine "${options.engine}"; there are ${engines.map(({ name }) => name).join(', ')}`,
      exitCodes.usage,
    );
  }
  const model = await readModelFile(modelPath(options.model));
  const data = await readDatasetFor(options.data, model.spec);
  const executor = await engineByName(options.engine).compile(model);
  const progress = createProgress('eval');
  const total = data.windows.length;
  const started = performance.now();
  const result = await evaluate(executor, data, (done) =>
    progress.update(done / total, `${done}/${total} windows`),
  );
  const msPerWindow = (performance.now() - started) / total;
  progress.end();
  if (options.json) {
    console.log(JSON.stringify(evaluationJson(model, options.engine, data, result, msPerWindow)));
    return;
  }
  console.log(
    `${model.id} ${model.version} (${model.sha256.slice(0, 8)}) on ${options.data}, ${options.engine} engine`,
  );
  console.log(`accuracy ${(100 * result.accuracy).toFixed(2)} % (${result.correct} of ${result.total})`);
  console.log(
    `${Math.round(result.synapticOps)} synaptic operations and ${msPerWindow.toFixed(2)} ms a window\n`,
  );
  console.log(confusionTable(model.spec.labels, result.confusion));
}
