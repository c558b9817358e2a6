/** Sets a key in the text of a YAML file and leaves everything else as it is: comments, order, spaces. Pure. */
import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  type Pair,
  parseDocument,
  stringify,
  type YAMLMap,
} from 'yaml';
import { setAt } from './node.js';
import { applyEdits, endOf, startOf } from './text-edit.js';
import { readYaml } from './yaml.js';

/** A file in which a key cannot be set without changing what else it says, as when anchors stand for the value. */
export class YamlEditError extends Error {
  override readonly name = 'YamlEditError';
}

/**
 * The text with a key set to a number, a text or a truth value. A value that is there is replaced where it stands; a key
 * that is not there is put at the end of the section that it belongs to. What comes out is read again, and has to be what
 * went in but for that key. Throws `YamlEditError` where that cannot be had.
 */
export function setInYaml(text: string, path: readonly string[], value: unknown): string {
  const wanted = readYaml(text).tree;
  setAt(wanted, path, value);
  for (const attempt of [replaced, inserted, written]) {
    const result = attempt(text, path, value);
    if (result === undefined) continue;
    const { errors, tree } = readYaml(result);
    if (errors.length === 0 && isDeepStrictEqual(tree, wanted)) return result;
  }
  throw new YamlEditError(`${path.join('.')} cannot be set in a file that is written like this`);
}

function replaced(text: string, path: readonly string[], value: unknown): string | undefined {
  const node: unknown = parseDocument(text).getIn(path, true);
  if (!isScalar(node) || !node.range || node.range[0] === node.range[1]) return undefined;
  return applyEdits(text, [{ from: node.range[0], to: node.range[1], text: inLine(value) }]);
}

/** Behind the last key of the nearest section that is there. */
function inserted(text: string, path: readonly string[], value: unknown): string | undefined {
  const document = parseDocument(text);
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const section: unknown = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (section === undefined) continue;
    if (!isMap(section) || section.items.length === 0) return undefined;
    return behindLast(text, section, nested(path.slice(depth), value));
  }
  return undefined;
}

function behindLast(text: string, section: YAMLMap, entry: string): string | undefined {
  const pairs = section.items as Pair[];
  const from = endOf(pairs.at(-1)!);
  const first = startOf(pairs[0]!);
  if (from === undefined || first === undefined) return undefined;
  if (section.flow === true) return applyEdits(text, [{ from, to: from, text: `, ${entry}` }]);
  const line = text.indexOf('\n', from);
  const at = line < 0 ? text.length : line;
  const indent = ' '.repeat(first - (text.lastIndexOf('\n', first - 1) + 1));
  return applyEdits(text, [{ from: at, to: at, text: `\n${indent}${entry}` }]);
}

/** By the library, which keeps comments and order and not the spaces between them. */
function written(text: string, path: readonly string[], value: unknown): string | undefined {
  const document = parseDocument(text);
  for (let depth = 0; depth < path.length; depth++) {
    const section: unknown = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (section === undefined || isCollection(section)) continue;
    if (depth === 0) document.contents = document.createNode({}) as Document.Parsed['contents'];
    else document.setIn(path.slice(0, depth), document.createNode({}));
  }
  try {
    document.setIn(path, value);
    return document.toString({ lineWidth: 0 });
  } catch {
    return undefined;
  }
}

function nested(path: readonly string[], value: unknown): string {
  const [key = '', ...rest] = path;
  return `${inLine(key)}: ${rest.length === 0 ? inLine(value) : `{ ${nested(rest, value)} }`}`;
}

function inLine(value: unknown): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}
