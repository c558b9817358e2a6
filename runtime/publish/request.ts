/** The other side of commands: asks an edge through its broker, and waits for the answer. */
import { randomBytes } from 'node:crypto';
import { parseJson } from '../../models/index.js';
import { atMost, inTime } from '../at-most.js';
import { type Clock, systemClock } from '../clock.js';
import type { Ended, ProtocolVersion } from './attempts.js';
import { MAX_COMMAND_BYTES } from './command-body.js';
import type { IncomingMessage, Link, LinkTarget, OpenLink } from './link.js';
import { type ResponseBody, responseSchema } from './messages/response.js';
import { openMqttLink } from './mqtt-link.js';
import { Topics } from './topics.js';

const GOODBYE_MS = 500;

/** Where the edges are that are asked. */
export interface RequestTarget {
  readonly target: LinkTarget;
  /** Protocol versions to try, best first. */
  readonly versions: readonly ProtocolVersion[];
  readonly baseTopic: string;
}

export interface RequestOptions {
  /** How long to wait for the answer. */
  readonly timeoutMs: number;
}

export interface RequesterOptions {
  readonly clock?: Clock;
  readonly open?: OpenLink;
  /** Tells this requester from all others; letters and digits. */
  readonly id?: string;
}

/** An answer without its envelope. */
const answerSchema = responseSchema.omit({ schema: true, session: true, seq: true, edge: true, t: true });

/** No answer came: no broker, no edge, no time. The message is a sentence for people. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

/** Asks once. Rejects with `RequestError` when no answer comes; a refusal is an answer. */
export async function request(
  target: RequestTarget,
  edge: string,
  command: string,
  body: object,
  options: RequestOptions,
): Promise<ResponseBody> {
  const requester = await Requester.open(target);
  try {
    return await requester.request(edge, command, body, options);
  } finally {
    await requester.close();
  }
}

interface Waiting {
  readonly answer: (body: ResponseBody) => void;
  readonly fail: (error: RequestError) => void;
}

/** A connection over which any number of commands are sent, each answered on its own. */
export class Requester {
  private link!: Link;
  private sent = 0;
  private readonly waiting = new Map<string, Waiting>();
  /** Subscriptions, made or being made. */
  private readonly heard = new Map<string, Promise<void>>();
  /** Last status of each edge that has said one, by its topic. */
  private readonly states = new Map<string, string>();
  private readonly id: string;
  private readonly clock: Clock;

  private constructor(
    private readonly where: RequestTarget,
    private readonly options: RequesterOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.id = options.id ?? randomBytes(6).toString('hex');
  }

  /** Connects. Rejects with `RequestError` when the broker cannot be reached or does not let us in. */
  static async open(where: RequestTarget, options: RequesterOptions = {}): Promise<Requester> {
    const requester = new Requester(where, options);
    let ended: Omit<Ended, 'upMs'> = { cause: 'unreachable', reason: 'no version to try' };
    for (const version of where.versions) {
      const how = await requester.attempt(version);
      if (how === undefined) return requester;
      ended = how;
      if (ended.cause !== 'version' && ended.cause !== 'closed') break;
    }
    const { url } = where.target;
    throw new RequestError(
      ended.cause === 'refused'
        ? `the broker at ${url} does not let us in: ${ended.reason}`
        : `no broker answers at ${url}: ${ended.reason}`,
    );
  }

  /**
   * Sends a command and resolves to its answer, refusals too. Rejects with `RequestError` when none comes in time, and
   * with RangeError for names that cannot be part of a topic.
   */
  async request(
    edge: string,
    command: string,
    body: object,
    { timeoutMs }: RequestOptions,
  ): Promise<ResponseBody> {
    const topics = new Topics(this.where.baseTopic, edge);
    const transaction = `${this.id}-${this.sent++}`;
    const payload = JSON.stringify({ ...body, transaction });
    if (Buffer.byteLength(payload) > MAX_COMMAND_BYTES)
      throw new RequestError(`the command has more than ${MAX_COMMAND_BYTES} bytes, which no edge takes`);
    const reply =
      this.link.version === 5 ? `${this.where.baseTopic}/reply/${this.id}` : topics.response(command);
    let isSent = false;
    const answered = new Promise<ResponseBody>((answer, fail) => {
      this.waiting.set(transaction, { answer, fail });
    });
    const send = async (): Promise<void> => {
      await this.hear(topics.status, true).catch(() => undefined);
      await this.hear(reply);
      const state = this.states.get(topics.status);
      if (state === 'lost' || state === 'offline')
        throw new RequestError(`edge ${edge} is ${state}: whorl does not run there, or not at this broker`);
      if (!this.waiting.has(transaction)) return; // too late
      isSent = true;
      await this.send(`${topics.root}/cmd/${command}`, { payload, transaction, reply, timeoutMs });
    };
    send().catch((error: RequestError) => this.waiting.get(transaction)?.fail(error));
    try {
      return await inTime(this.clock, timeoutMs, answered, () =>
        isSent ? this.silence(topics, edge, timeoutMs) : this.deafness(timeoutMs),
      );
    } finally {
      this.waiting.delete(transaction);
    }
  }

  /** Says goodbye, or hangs up when the broker does not take it. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.link.close(resolve));
    await atMost(this.clock, GOODBYE_MS, closed);
    this.link.destroy();
  }

  /** Resolves to how the attempt ended; undefined: the connection is up. */
  private attempt(version: ProtocolVersion): Promise<Omit<Ended, 'upMs'> | undefined> {
    return new Promise((resolve) => {
      const open = this.options.open ?? openMqttLink;
      this.link = open(this.where.target, { clientId: `whorl-ctl-${this.id}` }, version, {
        up: () => resolve(undefined),
        message: (message) => this.receive(message),
        ended: (how) => {
          resolve(how);
          for (const { fail } of this.waiting.values())
            fail(new RequestError(`the connection to the broker has ended: ${how.reason}`));
        },
      });
    });
  }

  /** Resolves when the broker has the command. */
  private send(
    topic: string,
    {
      payload,
      transaction,
      reply,
      timeoutMs,
    }: Readonly<Record<'payload' | 'transaction' | 'reply', string>> & RequestOptions,
  ): Promise<void> {
    const message = { topic, payload, qos: 1 as const, retain: false, properties: {} };
    const v5 = {
      expiryS: Math.ceil(timeoutMs / 1000),
      responseTopic: reply,
      correlation: Buffer.from(transaction),
    };
    return new Promise((resolve, reject) => {
      this.link.publish({ ...message, ...(this.link.version === 5 ? v5 : {}) }, (error) => {
        if (error === undefined) resolve();
        else reject(new RequestError(`the broker does not take the command: ${error.message}`));
      });
    });
  }

  /** Subscribes, once; what was refused, when it is wanted again. */
  private hear(filter: string, retained = false): Promise<void> {
    const known = this.heard.get(filter);
    if (known !== undefined) return known;
    const subscribed = new Promise<void>((resolve, reject) => {
      const done = (error?: Error): void => {
        if (error === undefined) resolve();
        else reject(new RequestError(`the broker does not let us hear ${filter}: ${error.message}`));
      };
      this.link.subscribe(filter, done, retained);
    });
    this.heard.set(filter, subscribed);
    subscribed.catch(() => this.heard.delete(filter));
    return subscribed;
  }

  private receive({ topic, payload, correlation }: IncomingMessage): void {
    let value: unknown;
    try {
      value = parseJson(Buffer.from(payload).toString('utf8'));
    } catch {
      return;
    }
    if (/\/v1\/[^/]+\/status$/.test(topic)) {
      const { status } = (value ?? {}) as { status?: unknown };
      if (typeof status === 'string') this.states.set(topic, status);
      return;
    }
    const answer = answerSchema.safeParse(value);
    if (!answer.success) return;
    const transaction = answer.data.transaction ?? correlation?.toString();
    if (transaction !== undefined) this.waiting.get(transaction)?.answer(answer.data);
  }

  /** Why nothing was asked. */
  private deafness(timeoutMs: number): RequestError {
    const { url } = this.where.target;
    return new RequestError(
      `the broker at ${url} has not confirmed within ${timeoutMs / 1000} s that we hear answers; nothing was sent`,
    );
  }

  /** Why nobody may have answered. */
  private silence({ status }: Topics, edge: string, timeoutMs: number): RequestError {
    const { url } = this.where.target;
    const state = this.states.get(status);
    const why = state
      ? `its last status is ${state}; does the broker let us write its commands?`
      : 'is that its name (edge.id), is this its broker, and does whorl run there?';
    return new RequestError(`edge ${edge} did not answer within ${timeoutMs / 1000} s at ${url}: ${why}`);
  }
}
