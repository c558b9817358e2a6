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

/** `whorl.yaml:12:7: mqtt.url: must be ...` */
export function formatIssue(issue: ConfigIssue, file = 'config'): string {
  const position = issue.line === undefined ? '' : `:${issue.line}:${issue.column ?? 1}`;
  const where = issue.source ?? `${file}${position}`;
  return [where, issue.path, issue.message].filter((part) => part !== '').join(': ');
}
