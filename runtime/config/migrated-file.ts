import { isMap, parseDocument } from 'yaml';
import { migrate } from './migrate.js';
import { CONFIG_VERSION } from './schema.js';
import { setInYaml } from './set-key.js';
import { readYaml } from './yaml.js';

/** The whole file as this program would have it written, with its version; undefined: it is so already. */
export function migratedFile(text: string): string | undefined {
  const document = parseDocument(text);
  const { text: migrated, steps } = migrate(document, text);
  const says = isMap(document.contents) && document.get('configVersion') === CONFIG_VERSION;
  return says && steps.length === 0 ? undefined : withVersion(migrated);
}

/** At the top, where the first line of a file may be any of ours; else where it can be. */
function withVersion(text: string): string {
  const top = `configVersion: ${CONFIG_VERSION}\n${text}`;
  const { errors } = readYaml(top);
  return errors.length === 0 ? top : setInYaml(text, ['configVersion'], CONFIG_VERSION);
}
