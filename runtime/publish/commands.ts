import type { Clock, Timer } from '../clock.js';
import { isId } from '../id.js';
import type { Logger } from '../log/index.js';
import type { PublishCounters } from './counters.js';
import type { IncomingMessage } from './link.js';
import type { ResponseBody } from './messages/response.js';
import type { Topics } from './topics.js';

export const MAX_COMMAND_BYTES = 65_536;
/** A requester has given up by then. */
const ANSWER_WITHIN_MS = 10_000;
const MAX_RUNNING = 32;

export interface CommandRequest {
  readonly command: string;
  /** The payload: a JSON object, or empty. Not checked further. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Carries a command out and gives back the `data` of the answer; throws `CommandError` to refuse. */
export type CommandHandler = (request: CommandRequest) => unknown;

/** A refusal that the requester is told of, with a code for programs. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface CommandsOptions {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: PublishCounters;
  readonly answer: (topic: string, body: ResponseBody, correlation: Buffer | undefined) => void;
}

/**
 * The commands that arrive below `cmd/`. Retained ones are ignored: they were meant for another time. All others are
 * answered, unknown and broken ones too: on the response topic of the request (MQTT 5, only where answers may go), else
 * on `resp/<name>`; what has no proper name is answered on `resp/invalid`.
 */
export class Commands {
  private readonly handlers = new Map<string, CommandHandler>();
  private running = 0;

  constructor(private readonly options: CommandsOptions) {}

  /** Registers the handler of a command. Throws when there is one already. */
  register(command: string, handler: CommandHandler): void {
    if (!isId(command)) throw new RangeError(`'${command}' cannot be the name of a command`);
    if (this.handlers.has(command)) throw new RangeError(`the command '${command}' has a handler already`);
    this.handlers.set(command, handler);
  }

  receive(message: IncomingMessage): void {
    const { topics, counters, log } = this.options;
    const command = topics.commandName(message.topic);
    if (command === undefined) return;
    if (message.retain) {
      counters.commandsRetained++;
      log.warn({ command }, 'retained command ignored; publish commands without the retain flag');
      return;
    }
    const request = parse(command, message.payload);
    void this.outcome(command, request).then((outcome) => this.answer(command, message, request, outcome));
  }

  private async outcome(command: string, { body, error }: Request): Promise<Outcome> {
    try {
      if (error !== undefined) throw error;
      const handler = this.handlers.get(command);
      if (handler === undefined) {
        const known = [...this.handlers.keys()].sort().join(', ') || 'none';
        throw new CommandError('unknown-command', `there is no such command; there are: ${known}`);
      }
      if (this.running >= MAX_RUNNING)
        throw new CommandError('busy', `${MAX_RUNNING} commands are running; try again later`);
      return { data: snapshot(await this.inTime(() => handler({ command, body }))) };
    } catch (thrown) {
      return { error: thrown };
    }
  }

  /** What `work` gives, or a timeout; work that is late counts as running until it ends. */
  private async inTime(work: () => unknown): Promise<unknown> {
    const { clock } = this.options;
    this.running++;
    const working = (async (): Promise<unknown> => work())();
    void working.catch(() => undefined).finally(() => this.running--);
    let timer: Timer | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new CommandError(
        'timeout',
        `not finished within ${ANSWER_WITHIN_MS} ms; it may still take effect`,
      );
      timer = clock.setTimer(() => reject(error), ANSWER_WITHIN_MS);
    });
    try {
      return await Promise.race([working, late]);
    } finally {
      clock.clearTimer(timer);
    }
  }

  private answer(command: string, message: IncomingMessage, request: Request, outcome: Outcome): void {
    const { topics, counters, log } = this.options;
    counters.commands++;
    if (outcome.error !== undefined) counters.commandErrors++;
    const wanted = message.responseTopic;
    const allowed = wanted !== undefined && topics.allowsReply(wanted);
    const body: ResponseBody = {
      command: command.slice(0, 256),
      ...(request.transaction === undefined ? {} : { transaction: request.transaction }),
      ...(outcome.error === undefined ? succeeded(outcome.data) : failed(outcome.error, log)),
    };
    const topic = allowed ? wanted : topics.response(isId(command) ? command : 'invalid');
    this.options.answer(topic, body, message.correlation);
  }
}

interface Outcome {
  readonly data?: unknown;
  readonly error?: unknown;
}

interface Request {
  readonly body: Readonly<Record<string, unknown>>;
  readonly transaction?: string;
  readonly error?: CommandError;
}

function parse(command: string, payload: Uint8Array): Request {
  const broken = (code: string, message: string): Request => ({
    body: {},
    error: new CommandError(code, message),
  });
  if (!isId(command)) return broken('bad-name', 'is no name of a command');
  if (payload.length > MAX_COMMAND_BYTES)
    return broken('too-large', `has ${payload.length} bytes, more than ${MAX_COMMAND_BYTES}`);
  if (payload.length === 0) return { body: {} };
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return broken('bad-json', 'the payload must be a JSON object or empty');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return broken('bad-json', 'the payload must be a JSON object or empty');
  const { transaction } = body as { transaction?: unknown };
  const named = typeof transaction === 'string' && transaction.length <= 128 ? { transaction } : {};
  return { body: body as Record<string, unknown>, ...named };
}

/** Data as it will be sent; throws here, and not while sending, when it cannot be. */
function snapshot(data: unknown): unknown {
  const json = JSON.stringify(data) as string | undefined;
  return json === undefined ? undefined : (JSON.parse(json) as unknown);
}

function succeeded(data: unknown): Pick<ResponseBody, 'status' | 'data'> {
  return { status: 'ok', ...(data === undefined ? {} : { data }) };
}

function failed(error: unknown, log: Logger): Pick<ResponseBody, 'status' | 'error'> {
  if (error instanceof CommandError)
    return { status: 'error', error: { code: error.code, message: error.message } };
  log.error({ err: error }, 'a command failed');
  return {
    status: 'error',
    error: { code: 'internal', message: 'failed inside; the log of the runtime says why' },
  };
}
