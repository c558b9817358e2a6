import { CST, Lexer } from 'yaml';

/** Deepest nesting of brackets, and most levels that one line may open; the configuration itself has six levels. */
export const MAX_YAML_DEPTH = 64;
/** Deepest indentation of a line: every level around it takes a column at least. */
const maxIndent = 256;

const levelIndicators = new Set(['seq-item-ind', 'explicit-key-ind', 'map-value-ind']);

/** Keys in all, and items of lists in brackets; 64 sensors and 64 pipelines with every key of theirs have fewer than 4,000. */
export const MAX_YAML_KEYS = 5000;

const keyIndicators = new Set(['map-value-ind', 'explicit-key-ind', 'comma']);

/**
 * Why a YAML text is more than a configuration needs, told from its tokens, one pass; undefined: it is not. What composes
 * YAML calls itself at every level: a deeper text would exhaust the stack, or the memory with its errors. And it compares
 * each key with all others of its mapping: 20,000 took 13 s.
 */
export function yamlExcess(text: string): string | undefined {
  let brackets = 0;
  let levels = 0;
  let keys = 0;
  let isStart = true;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token) ?? 'text';
    if (type === 'newline') levels = 0;
    else if (type === 'flow-seq-start' || type === 'flow-map-start') brackets++;
    else if (type === 'flow-seq-end' || type === 'flow-map-end') brackets = Math.max(0, brackets - 1);
    else if (brackets === 0 && levelIndicators.has(type)) levels++;
    else if (brackets === 0 && isStart && type === 'space' && token.length > maxIndent) return tooDeep;
    if (brackets > MAX_YAML_DEPTH || levels > MAX_YAML_DEPTH) return tooDeep;
    if (keyIndicators.has(type) && ++keys > MAX_YAML_KEYS)
      return `has more than ${MAX_YAML_KEYS} keys, which no configuration needs`;
    isStart = type === 'newline';
  }
  return undefined;
}

const tooDeep = 'nests deeper than any configuration';
