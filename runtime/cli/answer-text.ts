/** What an edge has answered, for people. Pure. */
import { type CommandList, commandListSchema, type ResponseBody } from '../publish/index.js';
import { isOptionList, type OptionList, optionRows } from './options-text.js';

/** What a command has answered: a line each for the commands of `help` and the keys of `options`, a table for all others. */
export function answerText(command: string, data: unknown): string {
  if (command === 'options' && isOptionList(data)) return optionsText(data);
  const list = command === 'help' ? commandListSchema.safeParse(data) : undefined;
  return list?.success ? helpText(list.data.commands) : dataText(data);
}

/** Each command in a line, its keys below it; what they say stands in one column. */
function helpText(commands: CommandList['commands']): string {
  const rows = commands.flatMap(({ name, about, keys }) => [
    [printable(name), about],
    ...Object.entries(keys).map(([key, what]) => [`  ${printable(key)}`, what]),
  ]) as [term: string, what: string][];
  const width = Math.max(0, ...rows.map(([term]) => term.length));
  return rows.map(([term, what]) => `${term.padEnd(width)}  ${printable(what)}`.trimEnd()).join('\n');
}

/** Each key in a line, and below them those that a restart forgets. */
function optionsText(list: OptionList): string {
  const { unsaved } = list;
  const saved = unsaved.length === 0 ? '' : `\nnot saved: ${printable(unsaved.join(', '))}`;
  return `${tableText(optionRows(list))}${saved}`;
}

/** Columns that begin below each other. */
function tableText(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable));
  const width = (column: number): number => Math.max(...cells.map((row) => row[column]?.length ?? 0));
  const widths = cells[0]!.map((_, column) => width(column));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The data of an answer as an aligned table, one value a line; nested keys are joined by dots. */
export function dataText(data: unknown): string {
  const rows = flatten('', data);
  const width = Math.max(0, ...rows.map(([key]) => key.length));
  return rows.map(([key, text]) => (key === '' ? text : `${key.padEnd(width)}  ${text}`)).join('\n');
}

/** Why it was refused: message, code, and what to do. */
export function refusalText({ command, error }: ResponseBody): string {
  const { code, message, remedy } = error ?? { code: 'error', message: 'refused without a reason' };
  return [`${command}: ${message} (${code})`, ...(remedy === undefined ? [] : [`  ${remedy}`])]
    .map(printable)
    .join('\n');
}

function flatten(path: string, value: unknown): [key: string, text: string][] {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null))
    return [[path, value.length === 0 ? '-' : value.map(scalar).join(', ')]];
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) =>
      flatten(path === '' ? printable(key) : `${path}.${printable(key)}`, inner),
    );
  return value === undefined ? [] : [[path, scalar(value)]];
}

function scalar(value: unknown): string {
  return value === null ? '-' : printable(String(value));
}

/** Without control characters: what comes over the network must not command the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
}
