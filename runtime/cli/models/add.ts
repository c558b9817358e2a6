import type { Command } from 'commander';
import { versionName } from '../../swap/index.js';
import { examples } from '../examples.js';
import { atEdge, isStore, type PlaceChoice, placeOptions } from './running.js';
import { openedStore, signatureOptions } from './store-options.js';
import { readModelFile, upload } from './upload.js';

export function define(command: Command): void {
  placeOptions(signatureOptions(command.argument('<file>', 'model file; its signature is FILE.sig')))
    .addHelpText('after', '\nNothing that runs changes: a version serves when it is activated.')
    .action(run);
  examples(command, [
    ['whorl models add grasp.safetensors --edge grip-left', 'sent to the edge that runs, and tested there'],
    ['whorl models add grasp.safetensors --store models', 'checked, tested, and copied into the store'],
    [
      'whorl models add grasp.safetensors --store models --trust team.pub --require-signature',
      'only when the owner of team.key has signed it',
    ],
  ]);
}

async function run(file: string, options: PlaceChoice): Promise<void> {
  if (!isStore(options)) {
    const bytes = await readModelFile(file);
    const { model, is_new, sha256 } = await atEdge(options, (edge) => upload(edge, file, bytes));
    console.log(`${is_new ? 'added' : 'there already:'} ${model}  ${sha256}`);
    return;
  }
  const { manifest, isNew } = await (await openedStore(options)).add(file);
  const tested =
    manifest.selfTestWindows > 0
      ? `${manifest.selfTestWindows} self-test windows right`
      : 'without a self-test; made-up windows agree with the reference engine';
  console.log(
    `${isNew ? 'added' : 'there already:'} ${versionName(manifest)}  ${manifest.sha256}  ${tested}`,
  );
}
