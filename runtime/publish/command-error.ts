/** Why a command was refused: a code for programs, a sentence and a remedy for people. */
export interface Told {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

/** A refusal that the requester is told of. */
export class CommandError extends Error implements Told {
  override readonly name = 'CommandError';
  readonly remedy?: string;

  /**
   * @param code for programs, e.g. unknown-pipeline
   * @param message what is wrong
   * @param remedy what to do about it, where the message does not say it
   */
  constructor(
    readonly code: string,
    message: string,
    remedy?: string,
  ) {
    super(message);
    if (remedy !== undefined) this.remedy = remedy;
  }
}

/**
 * What the requester is told of an error; undefined for one that is none of his business. Beside `CommandError` that is
 * any error with a code and a remedy, as those of the model store; `what` is its message without the two.
 */
export function toldOf(error: unknown): Told | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, remedy, what } = error as Error & { code?: unknown; remedy?: unknown; what?: unknown };
  if (typeof code !== 'string') return undefined;
  if (!(error instanceof CommandError) && typeof remedy !== 'string') return undefined;
  const message = typeof what === 'string' ? what : error.message;
  return { code, message, ...(typeof remedy === 'string' ? { remedy } : {}) };
}
