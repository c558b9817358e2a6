/** One thing that is wrong with a configuration: where it stands, what is wrong, what to do. */
export interface ConfigIssue {
  /** Path of the key, e.g. `sensors.finger0.transport.baudRate`; empty when it is about the whole. */
  readonly path: string;
  readonly message: string;
  /** Line in the file, counted from 1. */
  readonly line?: number;
  /** Column in the file, counted from 1. */
  readonly column?: number;
  /** The environment variable or flag that set the value, when it was not the file. */
  readonly source?: string;
  /** It is a key of an older layout, which `migratedFile` writes anew. */
  readonly former?: true;
}

/** Longest part of a line about an issue, in characters: a key or a value may be a whole file. */
const MAX_PART = 2000;

/** `whorl.yaml:12:7: mqtt.url: must be ...`, in one line and without control characters. */
export function formatIssue(issue: ConfigIssue, file = 'config'): string {
  const position = issue.line === undefined ? '' : `:${issue.line}:${issue.column ?? 1}`;
  const where = issue.source ?? `${file}${position}`;
  return [where, issue.path, issue.message]
    .filter((part) => part !== '')
    .map(printable)
    .join(': ');
}

/** What stands in a file must not command the terminal, nor fill it. */
function printable(part: string): string {
  const bounded = part.length <= MAX_PART ? part : `${part.slice(0, MAX_PART)}...`;
  return bounded.replace(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
