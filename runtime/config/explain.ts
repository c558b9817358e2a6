import type { z } from 'zod';
import { formerKeys } from './migrations.js';
import { nearest } from './nearest.js';
import { keysAt, nodesAt, type SchemaNode, valueAt } from './node.js';

/** Something wrong at a path, before its place in the file is known. */
export interface Finding {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type ZodIssue = z.core.$ZodIssue;

/** Findings in plain words for one issue of the schema library; `root` and `tree` tell units, keys and values. */
export function explain(issue: ZodIssue, root: SchemaNode, tree: unknown): Finding[] {
  const { path } = issue;
  const value = valueAt(tree, path);
  const say = (message: string): Finding[] => [{ path, message }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, path, root, tree) }));
    case 'invalid_type':
      return say(value === undefined ? missing(issue.expected) : wrongType(issue.expected, value));
    case 'invalid_union':
      return say(
        `${value === undefined ? 'is missing; ' : ''}must be ${oneOf(kinds(root, path, tree))}${is(value)}`,
      );
    case 'invalid_value':
      if (issue.message.startsWith('must')) return say(`${issue.message}${is(value)}`);
      return say(`must be ${oneOf(issue.values)}${is(value)}`);
    case 'too_small':
      return say(`must be at least ${size(issue.minimum, issue, path, root, tree)}${is(value)}`);
    case 'too_big':
      return say(`must be at most ${size(issue.maximum, issue, path, root, tree)}${is(value)}`);
    case 'invalid_format':
      return say(issue.message);
    default:
      return say(issue.message);
  }
}

function unknownKey(key: string, path: readonly PropertyKey[], root: SchemaNode, tree: unknown): string {
  const keys = keysAt(root, path, tree);
  const now = formerKeys[[path[0], ...path.slice(1).map(() => '*'), key].map(String).join('.')];
  if (now !== undefined) return `is not a key any more: it is ${now} now; leave it out`;
  const meant = nearest(key, keys);
  if (meant !== undefined) return `is not a known key; did you mean ${meant}?`;
  if (/pas+w|secret|token/i.test(key))
    return 'does not belong here: put it into a file and name that in mqtt.passwordFile, or set WHORL_MQTT_PASSWORD';
  return `is not a known key; ${keys.length === 0 ? 'there are none here' : `known here: ${keys.join(', ')}`}`;
}

function missing(expected: string): string {
  return `is missing; must be ${article(expected)}`;
}

function wrongType(expected: string, value: unknown): string {
  return `must be ${article(expected)}, is ${typeof value === 'number' ? String(value) : article(typeName(value))}`;
}

function typeName(value: unknown): string {
  if (value === null) return 'nothing';
  return Array.isArray(value) ? 'array' : typeof value;
}

const NAMES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  nothing: 'empty',
};

function article(type: string): string {
  return NAMES[type] ?? type;
}

/** Values of a union's `kind`, by the path of that key. */
function kinds(root: SchemaNode, path: readonly PropertyKey[], tree: unknown): unknown[] {
  return nodesAt(root, path.slice(0, -1), tree)
    .flatMap((node) => node.oneOf ?? [])
    .map((branch) => branch.properties?.['kind']?.const);
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map(String);
  return words.length === 1 ? words[0]! : `one of ${words.join(', ')}`;
}

function size(
  bound: number | bigint,
  issue: { readonly origin: string },
  path: readonly PropertyKey[],
  root: SchemaNode,
  tree: unknown,
): string {
  if (issue.origin === 'string') return `${bound} characters long`;
  if (issue.origin === 'array') return `${bound} long`;
  const unit = nodesAt(root, path, tree).find((node) => node.unit !== undefined)?.unit;
  return unit === undefined || unit === '1' ? `${bound}` : `${bound} ${unit}`;
}

function is(value: unknown): string {
  if (typeof value === 'string') return `, is '${value.length > 60 ? `${value.slice(0, 60)}...` : value}'`;
  return typeof value === 'number' || typeof value === 'boolean' ? `, is ${value}` : '';
}
