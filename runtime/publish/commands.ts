import { z } from 'zod';
import { inTime } from '../at-most.js';
import type { Clock } from '../clock.js';
import { isId } from '../id.js';
import type { Logger } from '../log/index.js';
import { type ParsedCommand, parseCommand } from './command-body.js';
import { CommandError, type Told, toldOf } from './command-error.js';
import {
  type CommandHandler,
  type CommandList,
  type CommandSpec,
  checkBody,
  keysOf,
} from './command-spec.js';
import type { PublishCounters } from './counters.js';
import type { IncomingMessage } from './link.js';
import type { ResponseBody } from './messages/response.js';
import { Repeats } from './repeats.js';
import type { Topics } from './topics.js';

/** A requester has given up by then, unless the command says that it takes longer. */
const ANSWER_WITHIN_MS = 10_000;
const MAX_RUNNING = 32;

export interface CommandsOptions {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: PublishCounters;
  readonly answer: (topic: string, body: ResponseBody, correlation: Buffer | undefined) => void;
}

interface Registered {
  readonly handler: CommandHandler;
  /** Without one its body is not checked, and nothing is said about it. */
  readonly spec?: CommandSpec;
}

/**
 * The commands that arrive below `cmd/`. All are answered, refused, unknown and broken ones too: on the response topic
 * of the request (MQTT 5, only where answers may go), else on `resp/<name>`; what has no proper name is answered on
 * `resp/invalid`. Retained and expired ones are not carried out: they were meant for another time. One that comes twice is
 * carried out once.
 */
export class Commands {
  private readonly known = new Map<string, Registered>();
  private readonly repeats: Repeats<Outcome>;
  private running = 0;

  constructor(private readonly options: CommandsOptions) {
    this.repeats = new Repeats(options.clock);
    this.register('help', () => this.help(), { about: 'what can be commanded', body: z.strictObject({}) });
  }

  /** Registers the handler of a command. Throws when there is one already. */
  register(command: string, handler: CommandHandler, spec?: CommandSpec): void {
    if (!isId(command)) throw new RangeError(`'${command}' cannot be the name of a command`);
    if (this.known.has(command)) throw new RangeError(`the command '${command}' has a handler already`);
    this.known.set(command, spec === undefined ? { handler } : { handler, spec });
  }

  /** What there is, in order of names. */
  get list(): { readonly name: string; readonly about: string }[] {
    return this.names.map((name) => ({ name, about: this.known.get(name)!.spec?.about ?? '' }));
  }

  private get names(): string[] {
    return [...this.known.keys()].sort();
  }

  private help(): CommandList {
    const commands = this.list.map(({ name, about }) => {
      const { spec } = this.known.get(name)!;
      return { name, about, keys: spec === undefined ? {} : Object.fromEntries(keysOf(spec)) };
    });
    return { commands };
  }

  receive(message: IncomingMessage): void {
    const { topics } = this.options;
    const command = topics.commandName(message.topic);
    if (command === undefined) return;
    const request = parseCommand(command, message.payload);
    const refusal = this.untimely(message, request) ?? request.error;
    const work = (): Promise<Outcome> => this.outcome(command, request, refusal);
    const { transaction } = request;
    void (refusal === undefined ? this.repeats.once({ ...message, transaction }, work) : work()).then(
      (outcome) => this.answer(command, message, request, outcome),
    );
  }

  /** Why a command that was not meant for now is not carried out. */
  private untimely(
    { retain, expiryS, topic }: IncomingMessage,
    { expiresUs }: ParsedCommand,
  ): Told | undefined {
    const { clock, counters, log } = this.options;
    if (retain) {
      counters.commandsRetained++;
      log.warn({ topic }, 'retained command refused; publish commands without the retain flag');
      return new CommandError(
        'retained',
        'retained commands are not carried out',
        'publish it without the retain flag',
      );
    }
    if (expiryS === 0 || (expiresUs !== undefined && clock.nowUs() > expiresUs)) {
      counters.commandsExpired++;
      return new CommandError(
        'expired',
        'the command came too late',
        'send it again; with expires_us, see that the clocks agree',
      );
    }
    return undefined;
  }

  private async outcome(
    command: string,
    { body }: ParsedCommand,
    refusal: Told | undefined,
  ): Promise<Outcome> {
    try {
      if (refusal !== undefined) throw refusal;
      const known = this.known.get(command);
      if (known === undefined)
        throw new CommandError(
          'unknown-command',
          'there is no such command',
          `there are: ${this.names.join(', ')}`,
        );
      const { handler, spec } = known;
      const checked = spec === undefined ? body : checkBody(spec, body);
      if (this.running >= MAX_RUNNING)
        throw new CommandError('busy', `${MAX_RUNNING} commands are running`, 'try again later');
      const work = (): unknown => handler({ command, body: checked });
      return { data: snapshot(await this.inTime(work, spec?.limitMs ?? ANSWER_WITHIN_MS)) };
    } catch (thrown) {
      return { error: thrown };
    }
  }

  /** What `work` gives, or a timeout; work that is late counts as running until it ends. */
  private async inTime(work: () => unknown, limitMs: number): Promise<unknown> {
    this.running++;
    const working = (async (): Promise<unknown> => work())();
    void working.catch(() => undefined).finally(() => this.running--);
    return inTime(
      this.options.clock,
      limitMs,
      working,
      () =>
        new CommandError(
          'timeout',
          `not finished within ${limitMs} ms`,
          'it may still take effect: look before you send it again',
        ),
    );
  }

  private answer(command: string, message: IncomingMessage, request: ParsedCommand, outcome: Outcome): void {
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

/** Data as it will be sent; throws here, and not while sending, when it cannot be. */
function snapshot(data: unknown): unknown {
  const json = JSON.stringify(data) as string | undefined;
  return json === undefined ? undefined : (JSON.parse(json) as unknown);
}

function succeeded(data: unknown): Pick<ResponseBody, 'status' | 'data'> {
  return { status: 'ok', ...(data === undefined ? {} : { data }) };
}

function failed(error: unknown, log: Logger): Pick<ResponseBody, 'status' | 'error'> {
  const told = toldOf(error);
  if (told !== undefined) return { status: 'error', error: told };
  log.error({ err: error }, 'a command failed');
  return {
    status: 'error',
    error: { code: 'internal', message: 'failed inside; the log of the runtime says why' },
  };
}
