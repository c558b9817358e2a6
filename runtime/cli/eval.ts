import { type Command, Option } from 'commander';
import { readGeometry } from '../../devices/index.js';
import { engineByName, engines, equalShapeCost, evaluate } from '../../models/index.js';
import { dataHelp, readDatasetFor } from '../dataset/source.js';
import { energyLine, energyTable } from './energy.js';
import { type AnytimeCliOptions, anytimeOptions, checkAnytimeOptions, runAnytime } from './eval-anytime.js';
import { confusionTable, evaluationJson } from './evaluation.js';
import { examples } from './examples.js';
import { openModel } from './model.js';
import { optionHelp } from './options.js';
import { createProgress } from './progress.js';

interface Options extends AnytimeCliOptions {
  readonly model: string;
  readonly data: string;
  readonly engine: string;
  readonly geometry?: string;
  readonly energy?: true;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .requiredOption('-m, --model <model>', optionHelp.model)
    .requiredOption('-d, --data <data>', dataHelp)
    .addOption(
      new Option('-e, --engine <name>', 'what computes; the answers are the same')
        .choices(engines.map(({ name }) => name))
        .default(engines[0]!.name),
    )
    .option(
      '--geometry <name>',
      'sensor to simulate: a built-in geometry or a JSON file (default: "neutouch-b")',
    )
    .option('--energy', 'a table of spikes, operations, memory and estimated energy, a row a layer')
    .option('--json', optionHelp.json);
  anytimeOptions(command).action(run);
  examples(command, [
    ['whorl eval --model demo --data simulator:seed=9,count=70', 'the bundled model on touch it never saw'],
    ['whorl eval --model demo --data simulator:count=70 --energy', 'where its operations and its energy go'],
    [
      'whorl eval --model grasp.safetensors --data recordings.zip --json',
      'your model, for a program to read',
    ],
    [
      'whorl eval -m demo -d simulator:seed=9,count=70 --anytime --psi 10 --svg anytime.svg',
      'accuracy during the touch, as a table and a chart',
    ],
  ]);
}

async function run(options: Options): Promise<void> {
  const model = await openModel(options.model);
  checkAnytimeOptions(options, model);
  const data = await readDatasetFor(
    options.data,
    model.spec,
    options.geometry === undefined ? {} : { geometry: await readGeometry(options.geometry) },
  );
  const executor = await engineByName(options.engine).compile(model);
  if (options.anytime) return runAnytime(model, executor, data, options);
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
    `${Math.round(result.synapticOps)} synaptic operations and ${msPerWindow.toFixed(2)} ms a window`,
  );
  const equalShape = equalShapeCost(model.spec);
  console.log(`energy ${energyLine(result.ledger, equalShape)}\n`);
  if (options.energy) console.log(`${energyTable(result.ledger, equalShape)}\n`);
  console.log(confusionTable(model.spec.labels, result.confusion));
}
