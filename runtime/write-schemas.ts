/** Writes runtime/schemas anew from the schemas in the code: `npm run schemas`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaFiles } from './schema-files.js';

const folder = join(import.meta.dirname, '..', '..', 'runtime', 'schemas');
for (const [name, text] of Object.entries(schemaFiles())) {
  writeFileSync(join(folder, name), text);
  console.log(`wrote runtime/schemas/${name}`);
}
