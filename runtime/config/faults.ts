import { z } from 'zod';
import { explain } from './explain.js';
import type { SchemaNode } from './node.js';

/** Checks any value by a schema; what is wrong is told as of the configuration, `key: what is wrong`, ten faults at most. */
export function faultsOf<T>(
  schema: z.ZodType<T>,
  value: unknown,
): { readonly data?: T; readonly faults: readonly string[] } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { data: parsed.data, faults: [] };
  const root = z.toJSONSchema(schema, { io: 'input' }) as SchemaNode;
  const found = parsed.error.issues.slice(0, 10).flatMap((issue) => explain(issue, root, value));
  return { faults: found.slice(0, 10).map(({ path, message }) => `${short(path)}: ${message}`) };
}

/** A path of keys that may have been made to be long. */
function short(path: readonly PropertyKey[]): string {
  const text = path.map(String).join('.');
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
