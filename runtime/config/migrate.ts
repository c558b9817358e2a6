/** Brings the text of a configuration file to the layout of this program. Pure. */
import { type Document, isMap, parseDocument } from 'yaml';
import { type Migration, type MigrationStep, migrations } from './migrations.js';
import { CONFIG_VERSION } from './schema.js';
import { applyEdits } from './text-edit.js';

export interface Migrated {
  /** The text in the layout of this program, line by line as before; its `configVersion` is not touched. */
  readonly text: string;
  /** What had to be changed, with places in the text that was given. */
  readonly steps: readonly MigrationStep[];
}

/** Version that a file says it has, 1 when it says none; undefined: what stands there is no version. */
export function versionOf(document: Document): number | undefined {
  const said = isMap(document.contents) ? document.get('configVersion') : undefined;
  if (said === undefined || said === null) return 1;
  return typeof said === 'number' && Number.isSafeInteger(said) && said >= 1 ? said : undefined;
}

/** Carries out the migrations from the version of the file on. `document` is `text`, read without errors. */
export function migrate(document: Document, text: string, list: readonly Migration[] = migrations): Migrated {
  let result = text;
  const steps: MigrationStep[] = [];
  for (const migration of list.slice((versionOf(document) ?? CONFIG_VERSION) - 1)) {
    const found = migration(result === text ? document : parseDocument(result), result);
    result = applyEdits(
      result,
      found.flatMap(({ edits }) => edits),
    );
    steps.push(...found);
  }
  return { text: result, steps };
}
