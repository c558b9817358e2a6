import { crossCheck, doubts } from './cross-check.js';
import { explain, type Finding } from './explain.js';
import type { ConfigIssue } from './issue.js';
import { configNode, isTree, nodesAt, type SchemaNode, type Tree } from './node.js';
import { applyOverrides, environmentOverrides, type Override } from './overrides.js';
import { type Config, configSchema } from './schema.js';
import { readYaml, type YamlFile } from './yaml.js';

export interface CheckInput {
  /** Text of the YAML file. */
  readonly text: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly overrides: readonly Override[];
}

export type CheckResult =
  | { readonly config: Config; readonly warnings: readonly ConfigIssue[] }
  | { readonly errors: readonly ConfigIssue[]; readonly warnings: readonly ConfigIssue[] };

const root: SchemaNode = configNode();

/** The pure core of loading: text, environment and overrides in; the configuration or all errors out. */
export function check({ text, env, overrides }: CheckInput): CheckResult {
  const file = readYaml(text);
  if (file.errors.length > 0) return { errors: file.errors, warnings: [] };
  const tree = file.tree;
  fillEmptySections(tree, root);
  const fromEnv = environmentOverrides(env, tree, root);
  const all = [...fromEnv.overrides, ...overrides];
  applyOverrides(tree, all, root);

  const parsed = configSchema.safeParse(tree);
  const findings = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => explain(issue, root, tree)),
    ...crossCheck(tree),
  ];
  const errors = [...findings.map((finding) => place(finding, file, all)), ...fromEnv.errors];
  errors.sort((a, b) => order(a) - order(b));
  const warnings = [
    ...file.warnings,
    ...fromEnv.warnings,
    ...doubts(tree).map((doubt) => place(doubt, file, all)),
  ];
  if (parsed.success && errors.length === 0) return { config: parsed.data, warnings };
  return { errors, warnings };
}

/** `mqtt:` with nothing below it (all keys commented out) is as if it were not there, and an empty sensor is `{}`. */
function fillEmptySections(tree: Tree, node: SchemaNode): void {
  for (const [key, value] of Object.entries(tree)) {
    const [next] = nodesAt(node, [key], tree);
    if (next === undefined) continue;
    const isObject = next.type === 'object' || next.oneOf !== undefined;
    if (isTree(value)) fillEmptySections(value, next);
    else if (value !== null || !isObject) continue;
    else if (Object.hasOwn(node.properties ?? {}, key)) delete tree[key];
    else tree[key] = {};
  }
}

/** By line and column; what is not in the file comes last. */
function order({ line, column = 0 }: ConfigIssue): number {
  return line === undefined ? Number.MAX_VALUE : line * 2 ** 20 + column;
}

function place({ path, message }: Finding, file: YamlFile, overrides: readonly Override[]): ConfigIssue {
  const issue = { path: path.map(String).join('.'), message };
  const override = overrides.findLast((one) => covers(one.path, path));
  return override === undefined ? { ...issue, ...file.locate(path) } : { ...issue, source: override.source };
}

/** Whether an override of `path` is what a finding at `found` is about. */
function covers(path: readonly string[], found: readonly PropertyKey[]): boolean {
  return path.length <= found.length && path.every((key, i) => key === String(found[i]));
}
