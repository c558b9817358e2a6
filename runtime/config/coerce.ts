import type { SchemaNode } from './node.js';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * A text from an environment variable or a flag as the value that the schema wants there: number, boolean, list (JSON
 * or separated by commas) or one of the words it names. What fits none stays text, and the schema says what is wrong.
 */
export function coerce(text: string, nodes: readonly SchemaNode[]): unknown {
  for (const node of nodes) {
    const value = coerceTo(text, node);
    if (value !== undefined) return value;
  }
  return text;
}

function coerceTo(text: string, node: SchemaNode): unknown {
  const words = node.enum ?? (node.const === undefined ? [] : [node.const]);
  const word = words.find((candidate) => String(candidate) === text);
  if (word !== undefined) return word;
  switch (node.type) {
    case 'integer':
    case 'number':
      return NUMBER.test(text.trim()) ? Number(text) : undefined;
    case 'boolean':
      return { true: true, false: false }[text.trim().toLowerCase()];
    case 'array':
      return coerceList(text, node.items ?? {});
    default:
      return undefined;
  }
}

function coerceList(text: string, items: SchemaNode): unknown {
  if (text.trim().startsWith('[')) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return undefined;
    }
  }
  return text.split(',').map((part) => coerce(part.trim(), [items]));
}
