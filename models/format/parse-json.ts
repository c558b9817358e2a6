/** JSON from anywhere: what nests too deep is refused before it is parsed, because what walks it later would not return. */

/** Deepest nesting of lists and objects that is read. */
export const maxJsonDepth = 32;

/** `JSON.parse`, which throws a SyntaxError also for what nests deeper than `maxJsonDepth`. */
export function parseJson(text: string): unknown {
  if (jsonDepth(text) > maxJsonDepth)
    throw new SyntaxError(`lists and objects nest deeper than ${maxJsonDepth}`);
  return JSON.parse(text);
}

/** How deep lists and objects of a text nest: one pass over its characters, whether it is JSON or not. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') i = stringEnd(text, i);
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}

/** Where the string that begins at `start` ends: its closing quote, or the end of the text. */
export function stringEnd(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}
