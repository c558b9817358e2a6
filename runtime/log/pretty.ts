import type { LineSink } from './sink.js';

/**
 * JSON lines as lines for people:
 *
 *   12:34:56.789 warn  publish  connection to the broker lost  broker=mqtt://10.0.0.5 retryMs=153
 *
 * An error's stack stands below its line, and so does a list of phrases, one a line:
 *
 *   12:34:56.789 info   pipeline runs  pipeline=contact
 *       engines  event simd: 0.690 ms
 *                event plain: 1.920 ms
 *
 * A line that is no JSON goes through as it is.
 */
export class PrettyStream implements LineSink {
  constructor(private readonly sink: LineSink) {}

  write(line: string): void {
    this.sink.write(prettyLine(line));
  }
}

export function prettyLine(line: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { time, level, part, msg, err, ...facts } = entry;
  const lists: [string, string[]][] = [];
  const pairs: string[] = [];
  for (const [key, value] of Object.entries(facts))
    if (isPhrases(value)) lists.push([key, value]);
    else pairs.push(`${key}=${word(value)}`);
  const error = isError(err) ? err : undefined;
  if (error !== undefined) pairs.push(`error=${word(error.message)}`);
  const head = [
    clockTime(time),
    String(level).padEnd(5),
    ...(part === undefined ? [] : [String(part).padEnd(8)]),
  ];
  const text = [head.join(' '), printable(String(msg ?? '')), pairs.join(' ')]
    .filter((piece) => piece !== '')
    .join('  ');
  const stack = error?.stack === undefined || !severe(level) ? '' : `${error.stack.replace(/^/gm, '    ')}\n`;
  return `${text}\n${lists.map(below).join('')}${stack}`;
}

/** Several texts, some of them more than a word. */
function isPhrases(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.length > 1 &&
    value.every((item) => typeof item === 'string') &&
    value.some((item) => item.includes(' '))
  );
}

function below([key, phrases]: [string, string[]]): string {
  const name = printable(key);
  return phrases
    .map((phrase, i) => `    ${i === 0 ? name : ' '.repeat(name.length)}  ${printable(phrase)}\n`)
    .join('');
}

interface LoggedError {
  readonly message: string;
  readonly stack?: string;
}

function isError(value: unknown): value is LoggedError {
  return typeof value === 'object' && value !== null && 'message' in value;
}

function severe(level: unknown): boolean {
  return level === 'error' || level === 'fatal';
}

/** The time of day of an ISO time. */
function clockTime(time: unknown): string {
  return typeof time === 'string' ? time.slice(11, 23) : '';
}

/** A value as one word: quoted when it holds what would break the line up. */
function word(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return typeof value === 'string' && /[\s"=]|^$/.test(text) ? JSON.stringify(text) : printable(text);
}

/** Without control characters: what a device or a broker says must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
