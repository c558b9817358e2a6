import { createHash } from 'node:crypto';
import { isTree } from './node.js';
import type { Config } from './schema.js';

/** SHA-256 of the configuration in hexadecimal; the order of its keys does not matter, and it holds no secrets. */
export function configHash(config: Config): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(config)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
