/** Exit codes of every command; the README lists them. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** An error that ends the command with its message, without a stack, and with this exit code. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = exitCodes.failed,
  ) {
    super(message);
  }
}

export function exitCodeOf(error: unknown): number {
  return error instanceof CliError ? error.exitCode : exitCodes.failed;
}

/** Errors that no input should be able to cause: they are told with their stack. */
const faults = new Set(['TypeError', 'ReferenceError', 'SyntaxError']);

/** What is said of an error that ends a command. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return `whorl: ${String(error)}`;
  if (faults.has(error.name)) return `whorl: a fault of whorl itself, please report it:\n${error.stack}`;
  return `whorl: ${plain(error.message)}`;
}

/** `ENOENT: no such file or directory, open 'a.json'` -> `a.json: no such file or directory`. */
function plain(message: string): string {
  return message.replace(/^E[A-Z]+: ([^,]+), \w+ '(.*)'$/, '$2: $1');
}
