import { basename } from 'node:path';
import type { Command } from 'commander';
import {
  engineByName,
  importCheckpointFile,
  type ModelContent,
  madeUpWindows,
  makeSelfTest,
  readModel,
  writeModel,
  writeModelFile,
} from '../../../models/index.js';
import { version } from '../../version.js';
import { examples } from '../examples.js';
import { checkWritable } from '../output-file.js';
import { checkpointOptions, type ImportOptions, importOptions } from './import-options.js';

export function define(command: Command): void {
  importOptions(command.argument('<file>', 'state_dict of the checkpoint as a safetensors file'))
    .addHelpText('after', '\nPyTorch files are not opened: the error tells the Python that converts them.')
    .action(run);
  examples(command, [
    [
      'whorl models import --from hybrid-lif-gnn lif.safetensors -o touch.safetensors --labels names.json',
      'both branches of Hybrid_LIF_GNN',
    ],
    [
      'whorl models import --from hybrid-srm-fc srm.safetensors -o touch.safetensors --order whorl',
      'Hybrid_SRM_FC, trained with mode location_cat_whorl',
    ],
    [
      'whorl models import --from tactilesgnet sgnet.safetensors -o touch.safetensors --bins 250',
      'TactileSGNet on Ev-Objects',
    ],
  ]);
}

async function run(file: string, options: ImportOptions): Promise<void> {
  await checkWritable(options.out);
  const { network, unused, sha256 } = await importCheckpointFile(
    file,
    options.from,
    await checkpointOptions(options),
  );
  const { out: _, ...settings } = options;
  const executor = await engineByName('reference').compile(network);
  const model: ModelContent = {
    ...network,
    version: options.modelVersion,
    training: {
      whorl: version,
      importedFrom: basename(file),
      sha256,
      options: JSON.parse(JSON.stringify(settings)),
      ...(unused.length > 0 ? { unused: [...unused] } : {}),
    },
    metrics: {},
    selfTest: await makeSelfTest(executor, madeUpWindows(network.spec.input)),
  };
  readModel(writeModel(model), model.spec.name); // the limits of the format hold for labels, sizes and bins
  await writeModelFile(options.out, model);
  const { bins, binUs } = network.spec.input;
  const parameters = [...network.weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  if (unused.length > 0) console.log(`left out as the published code does: ${unused.join(', ')}`);
  console.log(
    `wrote ${options.out}: ${network.spec.labels.length} classes, ${bins} bins of ${binUs / 1000} ms, ${parameters.toLocaleString('en')} parameters`,
  );
}
