/**
 * Keys of the outermost object of a JSON text, in order and with repetitions, which JSON.parse silently drops.
 * The text must be valid JSON.
 */
export function topLevelKeys(json: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token.endsWith(':'))
      keys.push(JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)));
  }
  return keys;
}
