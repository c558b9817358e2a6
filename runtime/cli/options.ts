/** Option values that several commands take, checked where they come in. */
import { InvalidArgumentError } from 'commander';
import { ID_RULE, isId } from '../id.js';

/** Parser of an integer option within [min, max]. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(
        `must be an integer ${max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`}.`,
      );
    }
    return value;
  };
}

/** Parser of a number option within [min, max]. */
export function number(min: number, max = Number.MAX_VALUE): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min && value <= max)) {
      throw new InvalidArgumentError(
        `must be a number ${max === Number.MAX_VALUE ? `of at least ${min}` : `from ${min} to ${max}`}.`,
      );
    }
    return value;
  };
}

/** Parser of a list of integers such as 128,256; an empty text is an empty list. */
export function integers(min: number): (text: string) => number[] {
  const one = integer(min);
  return (text) => (text === '' ? [] : text.split(',').map(one));
}

/** Parser of an option that may be given several times; it takes one value each time, and nothing that stands behind. */
export function collect(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** Parser of an option whose text `check` must accept, and which stays text. */
export function checkedBy(check: (text: string) => unknown): (text: string) => string {
  return (text) => {
    check(text);
    return text;
  };
}

/** Parser of the name of something of ours, such as a model. */
export function identifier(text: string): string {
  if (!isId(text)) throw new InvalidArgumentError(`${ID_RULE}.`);
  return text;
}

/** What options of the same name say in every command. */
export const optionHelp = {
  model: 'model file, or the name of a bundled model',
  geometry: 'where the taxels lie: a built-in geometry or a JSON file',
  name: 'name of the model, in the file and in every message',
  json: 'one JSON object on standard output and nothing else',
} as const;
