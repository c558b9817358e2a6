import { configJsonSchema } from './config/index.js';
import { messageJsonSchemas } from './publish/index.js';

/** The JSON Schema files of runtime/schemas: text by file name. */
export function schemaFiles(): Record<string, string> {
  const schemas = { config: configJsonSchema(), ...messageJsonSchemas() };
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      `${name}.schema.json`,
      `${JSON.stringify(schema, null, 2)}\n`,
    ]),
  );
}
