/** The keys of a configuration that may be changed while the edge runs. Pure. */
import { branches, configNode, isTree, type SchemaNode, valueAt } from './node.js';
import type { Config } from './schema.js';

export interface LiveKey {
  readonly path: readonly string[];
  /** The path in one word, e.g. `pipelines.contact.minConfidence`. */
  readonly name: string;
  readonly value: unknown;
  readonly default: unknown;
  readonly unit?: string;
  /** Bounds of a number. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** All values there are. */
  readonly values?: readonly unknown[];
}

const root: SchemaNode = configNode();

/** Every live key, in the order of the schema; those of sensors and pipelines once for each. */
export function liveKeys(config: Config): LiveKey[] {
  return keysBelow(root, [], config);
}

function keysBelow(node: SchemaNode, path: readonly string[], value: unknown): LiveKey[] {
  if (node.apply === 'live' && node.properties === undefined) return [liveKey(node, path, value)];
  return branches(node, value).flatMap(({ properties = {}, additionalProperties }) => [
    ...Object.entries(properties).flatMap(([key, next]) =>
      keysBelow(next, [...path, key], valueAt(value, [key])),
    ),
    ...(additionalProperties && isTree(value)
      ? Object.keys(value).flatMap((key) => keysBelow(additionalProperties, [...path, key], value[key]))
      : []),
  ]);
}

function liveKey(node: SchemaNode, path: readonly string[], value: unknown): LiveKey {
  const { unit, minimum, maximum, type } = node;
  const values = node.enum ?? (type === 'boolean' ? [true, false] : undefined);
  return {
    ...{ path, name: path.join('.'), value, default: node.default },
    ...(unit === undefined ? {} : { unit }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(values === undefined ? {} : { values }),
  };
}

/** Whether a value is within the bounds of a key, or among its values; other rules may still forbid it. */
export function takes({ minimum = -Infinity, maximum = Infinity, values }: LiveKey, value: unknown): boolean {
  if (values !== undefined) return values.includes(value);
  return typeof value === 'number' ? value >= minimum && value <= maximum : false;
}

/** What a key takes: `from 0 to 1`, `of at least 5 ms`, `one of debug, info`. */
export function rangeText({ minimum, maximum, unit, values }: LiveKey): string {
  if (values !== undefined) return `one of ${values.join(', ')}`;
  const units = unit === undefined || unit === '1' ? '' : ` ${unit}`;
  if (minimum === undefined) return maximum === undefined ? 'a number' : `of at most ${maximum}${units}`;
  return maximum === undefined ? `of at least ${minimum}${units}` : `from ${minimum} to ${maximum}${units}`;
}
