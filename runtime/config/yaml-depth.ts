import { CST, Lexer } from 'yaml';

/** Deepest nesting of brackets, and most levels that one line may open; the configuration itself has six levels. */
export const MAX_YAML_DEPTH = 64;
/** Deepest indentation of a line: every level around it takes a column at least. */
const maxIndent = 256;

const levelIndicators = new Set(['seq-item-ind', 'explicit-key-ind', 'map-value-ind']);

/**
 * Whether a YAML text may nest deeper than a configuration needs, told from its tokens, one pass. What composes YAML calls
 * itself at every level: a deeper text would exhaust the stack, or the memory with its errors.
 */
export function nestsTooDeep(text: string): boolean {
  let brackets = 0;
  let levels = 0;
  let isStart = true;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token) ?? 'text';
    if (type === 'newline') levels = 0;
    else if (type === 'flow-seq-start' || type === 'flow-map-start') brackets++;
    else if (type === 'flow-seq-end' || type === 'flow-map-end') brackets = Math.max(0, brackets - 1);
    else if (brackets === 0 && levelIndicators.has(type)) levels++;
    else if (brackets === 0 && isStart && type === 'space' && token.length > maxIndent) return true;
    if (brackets > MAX_YAML_DEPTH || levels > MAX_YAML_DEPTH) return true;
    isStart = type === 'newline';
  }
  return false;
}
