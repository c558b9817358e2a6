import { z } from 'zod';
import type { Annotation } from './annotate.js';
import { CONFIG_VERSION, configSchema } from './schema.js';

/** The part of JSON Schema that the configuration's schema is made of, with our annotations. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  /** Schema of the values of a map with free names; false in strict objects. */
  readonly additionalProperties?: SchemaNode | false;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly unit?: string;
  readonly apply?: Annotation['apply'];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A mapping as read from a file or built from overrides; values are not checked yet. */
export type Tree = Record<string, unknown>;

/** JSON Schema (2020-12) of the configuration file, as written to runtime/schemas/config.schema.json. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12' });
  return { $schema, $id: `urn:whorl:config:${CONFIG_VERSION}`, ...schema };
}

/** The same as a tree to walk: which keys there are at a path, and of what type. */
export function configNode(): SchemaNode {
  return configJsonSchema() as SchemaNode;
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets the value at a path, making the objects on the way anew, since others may share them (YAML aliases). */
export function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  let parent = tree;
  for (const [i, key] of path.entries()) {
    const next = Object.hasOwn(parent, key) ? parent[key] : undefined;
    const isLast = i === path.length - 1;
    const found = isLast ? value : isTree(next) ? { ...next } : {};
    // An own key, whatever its name: __proto__ too.
    Object.defineProperty(parent, key, {
      value: found,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    if (!isLast) parent = found as Tree;
  }
}

/** The value at a path, or undefined where it does not lead on. */
export function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  let value = tree;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/**
 * The nodes a node stands for: itself, or the branches of a union. When `value` says by its `kind` which branch is
 * meant, only that one.
 */
export function branches(node: SchemaNode, value?: unknown): readonly SchemaNode[] {
  if (node.oneOf === undefined) return [node];
  const kind = isTree(value) ? value['kind'] : undefined;
  const named = node.oneOf.filter((branch) => branch.properties?.['kind']?.const === kind);
  return named.length > 0 ? named : node.oneOf;
}

/** The nodes at a path below `root`: more than one where branches of a union have the same key, none where unknown. */
export function nodesAt(
  root: SchemaNode,
  path: readonly PropertyKey[],
  tree?: unknown,
): readonly SchemaNode[] {
  let nodes: readonly SchemaNode[] = [root];
  let value = tree;
  for (const key of path) {
    nodes = nodes.flatMap((node) => branches(node, value)).flatMap((node) => child(node, key));
    value = isTree(value) ? value[String(key)] : undefined;
  }
  return nodes;
}

/** Names of the keys that an object at this path may have; empty for maps with free names. */
export function keysAt(root: SchemaNode, path: readonly PropertyKey[], tree?: unknown): string[] {
  const nodes = nodesAt(root, path, tree).flatMap((node) => branches(node, valueAt(tree, path)));
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

function child(node: SchemaNode, key: PropertyKey): readonly SchemaNode[] {
  if (typeof key === 'number') return node.items === undefined ? [] : [node.items];
  const known = Object.hasOwn(node.properties ?? {}, key) ? node.properties?.[String(key)] : undefined;
  if (known !== undefined) return [known];
  return node.additionalProperties ? [node.additionalProperties] : [];
}
