/** What differs between two configurations, and what that takes. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { Annotation } from './annotate.js';
import { configNode, isTree, nodesAt, type SchemaNode, type Tree } from './node.js';
import type { Config } from './schema.js';

export interface ConfigChange {
  /** Path of the key, e.g. `pipelines.contact.minConfidence`; of a sensor or section that is new or gone, the path of that. */
  readonly path: string;
  /** Undefined where there was nothing. */
  readonly from: unknown;
  /** Undefined where nothing is left. */
  readonly to: unknown;
  readonly apply: Annotation['apply'];
}

const root: SchemaNode = configNode();

/** Every key that differs, in the order of the schema. */
export function diffConfig(before: Config, after: Config): ConfigChange[] {
  return changesAt([], before, after);
}

function changesAt(path: readonly string[], from: unknown, to: unknown): ConfigChange[] {
  if (isDeepStrictEqual(from, to)) return [];
  if (!isTree(from) || !isTree(to))
    return [{ path: path.join('.'), from, to, apply: applyAt(path, to ?? from) }];
  // Of another kind nothing can be compared but the kind.
  const keys = from['kind'] === to['kind'] ? keysOf(from, to) : ['kind'];
  return keys.flatMap((key) => changesAt([...path, key], from[key], to[key]));
}

function keysOf(from: Tree, to: Tree): string[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])];
}

/** A key with branches that disagree, a whole section and a key without a mark need a restart. */
function applyAt(path: readonly string[], value: unknown): Annotation['apply'] {
  const nodes = isTree(value) ? [] : nodesAt(root, path);
  return nodes.length > 0 && nodes.every(({ apply }) => apply === 'live') ? 'live' : 'restart';
}
