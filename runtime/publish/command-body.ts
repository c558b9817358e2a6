/** From the payload of a command to its body. Pure. */
import { parseJson } from '../../models/index.js';
import { isId } from '../id.js';
import { CommandError } from './command-error.js';

export const MAX_COMMAND_BYTES = 65_536;

export interface ParsedCommand {
  /** The keys of the command itself. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What the answer brings back. */
  readonly transaction?: string;
  /** Unix time in microseconds after which it must not be carried out. */
  readonly expiresUs?: number;
  /** Why it cannot be carried out. */
  readonly error?: CommandError;
}

/** Takes a command apart; what is wrong with it stands in `error`, beside the transaction if there is one. */
export function parseCommand(command: string, payload: Uint8Array): ParsedCommand {
  if (!isId(command)) return broken('bad-name', 'this is no name of a command');
  if (payload.length > MAX_COMMAND_BYTES)
    return broken('too-large', `the payload has ${payload.length} bytes, more than ${MAX_COMMAND_BYTES}`);
  if (payload.length === 0) return { body: {} };
  let value: unknown;
  try {
    value = parseJson(Buffer.from(payload).toString('utf8'));
  } catch (error) {
    return broken('bad-json', `the payload must be a JSON object or empty: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return broken('bad-json', 'the payload must be a JSON object or empty');
  const { transaction, expires_us: expiresUs, ...body } = value as Record<string, unknown>;
  if (transaction !== undefined && (typeof transaction !== 'string' || transaction.length > 128))
    return broken('bad-body', 'transaction: must be a text of at most 128 characters');
  const named = transaction === undefined ? {} : { transaction };
  if (expiresUs === undefined) return { body, ...named };
  if (typeof expiresUs !== 'number')
    return { ...broken('bad-body', 'expires_us: must be a number, Unix time in microseconds'), ...named };
  return { body, expiresUs, ...named };
}

function broken(code: string, message: string): ParsedCommand {
  return { body: {}, error: new CommandError(code, message) };
}
