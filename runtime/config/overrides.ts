import { coerce } from './coerce.js';
import type { ConfigIssue } from './issue.js';
import { nearest } from './nearest.js';
import { branches, isTree, keysAt, nodesAt, type SchemaNode, setAt, type Tree } from './node.js';

/** A value that replaces the one of the file; a text is read as the type that the schema wants there. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
  /** Where it came from, for messages: `--port`, `WHORL_MQTT_URL`. */
  readonly source: string;
}

/** Variables that begin like ours and are not settings; `WHORL_MQTT_PASSWORD` is a secret, read with the secrets. */
const NOT_SETTINGS = /^WHORL_(TEST_.*|CONFIG|MQTT_PASSWORD)$/;
const PREFIX = 'WHORL_';

/**
 * The settings that stand in the environment: `WHORL_` + the path in capitals, parts joined by `_`, everything but
 * letters and digits in a name written as `_`: WHORL_SENSORS_FINGER0_TRANSPORT_BAUDRATE.
 *
 * A variable of a known section that names no key is an error. One of an unknown section is only a warning: systems
 * like Kubernetes set variables such as WHORL_SERVICE_HOST by themselves.
 */
export function environmentOverrides(
  env: Readonly<Record<string, string | undefined>>,
  tree: Tree,
  root: SchemaNode,
): { overrides: Override[]; errors: ConfigIssue[]; warnings: ConfigIssue[] } {
  const overrides: Override[] = [];
  const errors: ConfigIssue[] = [];
  const warnings: ConfigIssue[] = [];
  const names = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !NOT_SETTINGS.test(name));
  for (const source of names.sort()) {
    const text = env[source];
    if (text === undefined || text === '') continue;
    const words = source.slice(PREFIX.length);
    const path = resolve(root, words, tree);
    if (path !== undefined) overrides.push({ path, value: text, source });
    else {
      const known = keysAt(root, []).some((key) => startsWith(words, key));
      (known ? errors : warnings).push({ path: '', source, message: unknownVariable(source, root, known) });
    }
  }
  return { overrides, errors, warnings };
}

/** Sets each override in `tree`, making the objects on the way. */
export function applyOverrides(tree: Tree, overrides: readonly Override[], root: SchemaNode): void {
  for (const { path, value } of overrides)
    setAt(tree, path, typeof value === 'string' ? coerce(value, nodesAt(root, path, tree)) : value);
}

/** The path that the words of a variable stand for, or undefined. */
function resolve(node: SchemaNode, words: string, value: unknown): string[] | undefined {
  if (words === '') return isLeaf(node) ? [] : undefined;
  for (const branch of branches(node, value)) {
    for (const key of candidates(branch, words, value)) {
      const next = Object.hasOwn(branch.properties ?? {}, key)
        ? branch.properties?.[key]
        : branch.additionalProperties;
      if (!next) continue;
      const rest = resolve(
        next,
        words.slice(envWord(key).length + 1),
        isTree(value) ? value[key] : undefined,
      );
      if (rest !== undefined) return [key, ...rest];
    }
  }
  // A union whose branch is being changed by another variable: look into all branches.
  return value !== undefined && node.oneOf !== undefined ? resolve(node, words, undefined) : undefined;
}

function isLeaf(node: SchemaNode): boolean {
  return node.properties === undefined && node.oneOf === undefined && !node.additionalProperties;
}

/** Keys that the words may begin with. Names that are written alike in variables have none, as it would be a guess. */
function candidates(node: SchemaNode, words: string, value: unknown): string[] {
  const keys = Object.keys(node.properties ?? {}).filter((key) => startsWith(words, key));
  if (!node.additionalProperties) return keys;
  const names = Object.keys(isTree(value) ? value : {});
  const alike = (word: string): number => names.filter((name) => envWord(name) === word).length;
  const existing = names.filter((name) => startsWith(words, name) && alike(envWord(name)) === 1);
  const fresh = words.split('_')[0] ?? '';
  return [...keys, ...existing, ...(fresh === '' || alike(fresh) > 0 ? [] : [fresh.toLowerCase()])];
}

/** Whether the words begin with this key as a whole. */
function startsWith(words: string, key: string): boolean {
  const word = envWord(key);
  return words === word || words.startsWith(`${word}_`);
}

function envWord(key: string): string {
  return key.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

function unknownVariable(source: string, root: SchemaNode, known: boolean): string {
  const meant = nearest(source, fixedVariables(root));
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return known ? `names no setting${hint}` : `is ignored: it names no section of the configuration${hint}`;
}

/** Variables of all keys outside maps with free names. */
function fixedVariables(node: SchemaNode, prefix = 'WHORL'): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, next]) => {
    const name = `${prefix}_${envWord(key)}`;
    return isLeaf(next) ? [name] : fixedVariables(next, name);
  });
}
