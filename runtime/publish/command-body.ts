/** From the payload of a command to its body. Pure. */
import { jsonDepth, maxJsonDepth, parseJson } from '../../models/index.js';
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
  const value = read(Buffer.from(payload).toString('utf8'));
  if (value instanceof CommandError) return { body: {}, error: value };
  const { transaction, expires_us: expiresUs, ...body } = value as Record<string, unknown>;
  if (transaction !== undefined && (typeof transaction !== 'string' || transaction.length > 128))
    return broken('bad-body', 'transaction: must be a text of at most 128 characters');
  const named = transaction === undefined ? {} : { transaction };
  if (expiresUs === undefined) return { body, ...named };
  if (typeof expiresUs !== 'number')
    return { ...broken('bad-body', 'expires_us: must be a number, Unix time in microseconds'), ...named };
  return { body, expiresUs, ...named };
}

/** The object that the text is, or why it is none. What the JSON parser says of it is nobody's help, and stays here. */
function read(text: string): object | CommandError {
  if (jsonDepth(text) > maxJsonDepth)
    return new CommandError(
      'bad-json',
      `lists and objects of the payload nest deeper than ${maxJsonDepth}`,
      'no command needs that: help lists what each takes',
    );
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return new CommandError('bad-json', 'the payload is not valid JSON', jsonRemedy);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  return new CommandError('bad-json', 'the payload is JSON, but no object', jsonRemedy);
}

const jsonRemedy =
  'send an object such as {"pipeline": "contact"}, keys and texts in double quotes, or an empty payload';

function broken(code: string, message: string): ParsedCommand {
  return { body: {}, error: new CommandError(code, message) };
}
