import { stringEnd } from './parse-json.js';

/**
 * Keys of the outermost object of a JSON text, in order and with repetitions, which JSON.parse silently drops.
 * The text must be valid JSON.
 */
export function topLevelKeys(json: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '"') {
      const end = stringEnd(json, i);
      if (depth === 1 && isKey(json, end)) keys.push(JSON.parse(json.slice(i, end + 1)) as string);
      i = end;
    } else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
  }
  return keys;
}

/** Whether a colon follows the string that ends there. */
function isKey(json: string, end: number): boolean {
  let i = end + 1;
  while (json[i] === ' ' || json[i] === '\n' || json[i] === '\r' || json[i] === '\t') i++;
  return json[i] === ':';
}

/** The first key that stands twice, if any. */
export function repeatedKey(keys: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return keys.find((key) => seen.size === seen.add(key).size);
}
