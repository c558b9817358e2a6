import { type Document, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml';
import type { ConfigIssue } from './issue.js';
import { migrate, versionOf } from './migrate.js';
import { isTree, type Tree } from './node.js';
import { CONFIG_VERSION } from './schema.js';
import { yamlExcess } from './yaml-bounds.js';

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A YAML file as data, with the way back from a path to its place in the text. */
export interface YamlFile {
  readonly tree: Tree;
  readonly errors: readonly ConfigIssue[];
  /** What stands there in an older layout. */
  readonly warnings: readonly ConfigIssue[];
  /** Where the key at `path` stands; when it is absent, where the nearest object around it begins. */
  locate(path: readonly PropertyKey[]): Position | undefined;
}

/** Bounds what a hostile or mistaken file can cost. */
export const MAX_CONFIG_BYTES = 262_144;
const MAX_ALIASES = 100;
/** Faults of the syntax that are told; one leads to many. */
const MAX_PROBLEMS = 100;

/**
 * Reads one YAML 1.2 document and brings it to the layout of this program. Never throws: what is wrong stands in `errors`,
 * and `tree` is then empty.
 */
export function readYaml(text: string): YamlFile {
  const control = controlCharacter(text);
  if (control !== undefined) return broken([control]);
  if (text.length > MAX_CONFIG_BYTES)
    return broken([{ path: '', message: `is larger than ${MAX_CONFIG_BYTES} characters` }]);
  const excess = yamlExcess(text);
  if (excess !== undefined) return broken([{ path: '', message: excess }]);
  const { document, position } = parse(text);
  const problems = [...document.errors, ...document.warnings].slice(0, MAX_PROBLEMS).map((error) => ({
    path: '',
    message: `is not valid YAML: ${error.message}`,
    ...position(error.pos[0]),
  }));
  if (problems.length > 0) return broken(problems);
  const version = versionOf(document);
  if (version !== undefined && version > CONFIG_VERSION)
    return broken([newer(version, { document, position })]);

  const migrated = migrate(document, text);
  const warnings = migrated.steps.map(({ path, message, at }) => ({
    ...{ path: path.join('.'), message: `${message}; whorl check-config --migrate writes the file so` },
    ...position(at),
    former: true as const,
  }));
  // Migrations keep the lines, so a place in a file that was migrated is one in the file that was given.
  const read = migrated.steps.length === 0 ? { document, position } : parse(migrated.text);
  try {
    const tree: unknown = read.document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
    if (!isTree(tree))
      return broken([{ path: '', message: 'must be a mapping of keys to values', line: 1, column: 1 }]);
    if (version !== undefined && Object.hasOwn(tree, 'configVersion')) tree['configVersion'] = CONFIG_VERSION;
    return { tree, errors: [], warnings, locate: (path) => locate(read, path) };
  } catch (error) {
    return broken([{ path: '', message: `is not valid YAML: ${(error as Error).message}` }]);
  }
}

/** The first character that no YAML has unescaped, and no text: a program, a picture, UTF-16. */
function controlCharacter(text: string): ConfigIssue | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const at = text.search(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/);
  if (at < 0) return undefined;
  const before = text.slice(0, at).split('\n');
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  return {
    path: '',
    message: `is no text: it has the control character U+${code}; name a YAML file, in UTF-8`,
    ...{ line: before.length, column: before.at(-1)!.length + 1 },
  };
}

interface Parsed {
  readonly document: Document;
  position(offset: number): Position;
}

function parse(text: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...{ lineCounter: lines, prettyErrors: false, uniqueKeys: true },
    logLevel: 'error', // what is wrong is told by the reader, and not to the console
  });
  return {
    document,
    position: (offset) => {
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    },
  };
}

function newer(version: number, parsed: Parsed): ConfigIssue {
  const message = `is ${version}, of a newer whorl; this one knows versions up to ${CONFIG_VERSION}: update it, or lay the file out as runtime/config/example.yaml is`;
  return { path: 'configVersion', message, ...locate(parsed, ['configVersion']) };
}

function locate({ document, position }: Parsed, path: readonly PropertyKey[]): Position | undefined {
  let node: unknown = document.contents;
  let found: Position | undefined;
  for (const key of path) {
    const next: Step | undefined = step(node, key);
    if (next === undefined) break;
    if (next.offset !== undefined) found = position(next.offset);
    node = next.node;
  }
  return found;
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
  return { tree: {}, errors, warnings: [], locate: () => undefined };
}
