import { isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml';
import type { ConfigIssue } from './issue.js';
import { isTree, type Tree } from './node.js';
import { nestsTooDeep } from './yaml-depth.js';

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A YAML file as data, with the way back from a path to its place in the text. */
export interface YamlFile {
  readonly tree: Tree;
  readonly errors: readonly ConfigIssue[];
  /** Where the key at `path` stands; when it is absent, where the nearest object around it begins. */
  locate(path: readonly PropertyKey[]): Position | undefined;
}

/** Bounds what a hostile or mistaken file can cost. */
export const MAX_CONFIG_BYTES = 262_144;
const MAX_ALIASES = 100;
/** Faults of the syntax that are told; one leads to many. */
const MAX_PROBLEMS = 100;

/** Reads one YAML 1.2 document. Never throws: what is wrong stands in `errors`, and `tree` is then empty. */
export function readYaml(text: string): YamlFile {
  if (text.length > MAX_CONFIG_BYTES)
    return broken([{ path: '', message: `is larger than ${MAX_CONFIG_BYTES} characters` }]);
  if (nestsTooDeep(text)) return broken([{ path: '', message: 'nests deeper than any configuration' }]);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...{ lineCounter: lines, prettyErrors: false, uniqueKeys: true },
    logLevel: 'error', // what is wrong is told below, and not to the console
  });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems = [...document.errors, ...document.warnings].slice(0, MAX_PROBLEMS).map((error) => ({
    path: '',
    message: `is not valid YAML: ${error.message}`,
    ...position(error.pos[0]),
  }));
  if (problems.length > 0) return broken(problems);

  const locate = (path: readonly PropertyKey[]): Position | undefined => {
    let node: unknown = document.contents;
    let found: Position | undefined;
    for (const key of path) {
      const next: Step | undefined = step(node, key);
      if (next === undefined) break;
      if (next.offset !== undefined) found = position(next.offset);
      node = next.node;
    }
    return found;
  };
  try {
    const tree: unknown = document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
    return isTree(tree)
      ? { tree, errors: [], locate }
      : broken([{ path: '', message: 'must be a mapping of keys to values', line: 1, column: 1 }]);
  } catch (error) {
    return broken([{ path: '', message: `is not valid YAML: ${(error as Error).message}` }]);
  }
}

interface Step {
  readonly node: unknown;
  readonly offset: number | undefined;
}

function step(node: unknown, key: PropertyKey): Step | undefined {
  if (isMap(node)) {
    const pair = (node.items as Pair[]).find((item) => String(scalar(item.key)) === String(key));
    return pair === undefined ? undefined : { node: pair.value, offset: start(pair.key) };
  }
  if (isSeq(node) && typeof key === 'number') {
    const item = node.items[key];
    return item === undefined ? undefined : { node: item, offset: start(item) };
  }
  return undefined;
}

function scalar(key: unknown): unknown {
  return isScalar(key) ? key.value : key;
}

function start(node: unknown): number | undefined {
  return (node as { range?: readonly number[] | null } | null)?.range?.[0];
}

function broken(errors: ConfigIssue[]): YamlFile {
  return { tree: {}, errors, locate: () => undefined };
}
