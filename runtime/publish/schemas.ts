import { z } from 'zod';
import { MESSAGE_SCHEMAS } from './messages/catalog.js';

/**
 * JSON Schema (2020-12) of each message by its name: `result`, `decision`, ... Open to unknown fields, which readers
 * must ignore.
 */
export function messageJsonSchemas(): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(MESSAGE_SCHEMAS).map(([name, schema]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
      return [name, { $schema, $id: `urn:tactile:${name}:1.0`, ...rest }];
    }),
  );
}
