/** What `whorl ctl options` lists, for people. Pure. */
import { type LiveKey, rangeText } from '../config/index.js';

/** The answer of an edge to `options` that sets nothing. */
export interface OptionList {
  readonly options: Readonly<Record<string, Omit<LiveKey, 'path' | 'name'>>>;
  /** Names of the keys that were set and not saved. */
  readonly unsaved: readonly string[];
}

/** Whether data is such a list; it may come from another version. */
export function isOptionList(data: unknown): data is OptionList {
  if (!isObject(data)) return false;
  const { options, unsaved } = data;
  return isObject(options) && Object.values(options).every(isKey) && isPlainList(unsaved);
}

/** Rows of a table: each key with its value, its default and what it takes. */
export function optionRows({ options }: OptionList): string[][] {
  return [
    ['live key', 'value', 'default', 'takes'],
    ...Object.entries(options).map(([name, key]) => [
      name,
      String(key.value ?? '-'),
      String(key.default ?? '-'),
      rangeText({ ...key, name, path: [] }),
    ]),
  ];
}

function isKey(key: unknown): boolean {
  return (
    isObject(key) &&
    Object.entries(key).every(([name, value]) => (name === 'values' ? isPlainList(value) : isPlain(value)))
  );
}

function isPlainList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isPlain);
}

/** A text, a number, true, false or nothing. */
function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
