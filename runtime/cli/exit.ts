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
