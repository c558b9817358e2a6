/** An edge id belongs to one process at a broker: who comes second stays silent. */
import { parseJson } from '../../models/index.js';
import type { Clock, Timer } from '../clock.js';
import type { IncomingMessage, Link } from './link.js';
import type { Topics } from './topics.js';

/** A process that calls itself by the id of an edge. */
export interface Holder {
  readonly session: string;
  /** Start of the process by its own wall clock. */
  readonly startedUs: number;
}

/** Which of two that both serve gives way: the one that started later. Both come to the same answer. */
export function givesWay(mine: Holder, other: Holder): boolean {
  if (mine.startedUs !== other.startedUs) return mine.startedUs > other.startedUs;
  return mine.session > other.session;
}

/** How long a process that the status tells of may take to answer. */
export const CLAIM_WAIT_MS = 1000;
/** How long to listen when the status tells of nobody: for one that comes at the same moment. */
export const CLAIM_GRACE_MS = 250;

export interface ClaimOptions {
  readonly topics: Topics;
  readonly self: Holder;
  readonly clock: Clock;
  /** Nobody else serves: publish, and hear commands. */
  readonly onFree: (link: Link) => void;
  /** Another process serves: say goodbye, and nothing else. */
  readonly onTaken: (holder: Holder) => void;
  /** Somebody else has written the status of the edge, and we serve: write it again. */
  readonly onOverwritten: () => void;
}

interface Question {
  readonly transaction: string;
  readonly timer: Timer;
}

/**
 * Asks, when a connection is up and before anything is published, whether another process serves this edge: the retained
 * status tells of one, and an answer to `ping` that it lives. Who was there first stays; a process that is dead does not
 * answer, so a restart after a crash is not refused. Two that come at the same moment hear each other's question, or at
 * the latest each other's birth, and the one that started later gives way.
 */
export class Claim {
  private link: Link | undefined;
  private serving = false;
  private otherSeen = false;
  private question: Question | undefined;
  private asked = 0;

  constructor(private readonly options: ClaimOptions) {}

  /** A connection is up, and commands are heard. Calls `onFree` or `onTaken`, within about a second. */
  begin(link: Link): void {
    const { topics } = this.options;
    this.end();
    this.link = link;
    // A broker that does not let us look cannot tell of others.
    const done = (error?: Error): void => {
      if (error !== undefined) this.free(link);
    };
    link.subscribe(topics.status, done, true);
    link.subscribe(topics.response('ping'), done);
    this.ask(link, CLAIM_GRACE_MS);
  }

  /** The connection is gone. */
  end(): void {
    this.options.clock.clearTimer(this.question?.timer);
    this.question = undefined;
    this.link = undefined;
    this.serving = false;
    this.otherSeen = false;
  }

  /** Takes a message that is about the claim, and commands while nothing may be carried out; false: it is for others. */
  receive({ topic, payload }: IncomingMessage): boolean {
    const { topics } = this.options;
    if (topic === topics.status) this.hearStatus(read(payload));
    else if (topic === topics.response('ping')) this.hearAnswer(read(payload));
    else if (this.serving) return topics.commandName(topic) === 'ping' && this.isOwn(read(payload));
    else if (topics.commandName(topic) === 'ping') this.hearQuestion(read(payload));
    return true;
  }

  private isOwn({ transaction }: Said): boolean {
    return asker(transaction)?.session === this.options.self.session;
  }

  private hearStatus({ session, status }: Said): void {
    const { self, onOverwritten } = this.options;
    if (this.link === undefined || typeof session !== 'string' || session === self.session) return;
    const isAlive = status !== 'lost' && status !== 'offline';
    if (this.serving) {
      if (!isAlive) onOverwritten();
      else if (this.question === undefined) this.ask(this.link, CLAIM_WAIT_MS);
    } else if (isAlive && !this.otherSeen) {
      this.otherSeen = true;
      this.ask(this.link, CLAIM_WAIT_MS);
    }
  }

  /** Another process asks at the same moment. It may not have heard our question, so it is asked again. */
  private hearQuestion({ transaction }: Said): void {
    const { self, onTaken } = this.options;
    const other = asker(transaction);
    if (this.link === undefined || other === undefined || other.session === self.session) return;
    if (!givesWay(self, other)) {
      this.ask(this.link, this.otherSeen ? CLAIM_WAIT_MS : CLAIM_GRACE_MS);
      return;
    }
    this.end();
    onTaken(other);
  }

  private hearAnswer({ session, transaction, data }: Said): void {
    const { self, onTaken, onOverwritten } = this.options;
    if (transaction !== this.question?.transaction || typeof session !== 'string' || session === self.session)
      return;
    const { started_us: startedUs } = (data ?? {}) as { started_us?: unknown };
    const other = { session, startedUs: typeof startedUs === 'number' ? startedUs : 0 };
    if (this.serving && !givesWay(self, other)) {
      this.settle();
      onOverwritten();
      return;
    }
    this.end();
    onTaken(other);
  }

  private ask(link: Link, waitMs: number): void {
    const { topics, self, clock } = this.options;
    this.settle();
    const transaction = `claim-${self.session}-${self.startedUs}-${this.asked++}`;
    const timer = clock.setTimer(() => {
      this.settle();
      this.free(link);
    }, waitMs);
    this.question = { transaction, timer };
    const payload = JSON.stringify({ transaction });
    const topic = `${topics.root}/cmd/ping`;
    link.publish({ topic, payload, qos: 1, retain: false, expiryS: 1, properties: {} }, (error) => {
      if (error !== undefined && this.question?.transaction === transaction) this.free(link);
    });
  }

  private settle(): void {
    this.options.clock.clearTimer(this.question?.timer);
    this.question = undefined;
  }

  private free(link: Link): void {
    if (this.link !== link || this.serving) return;
    this.settle();
    this.serving = true;
    this.options.onFree(link);
  }
}

interface Said {
  readonly session?: unknown;
  readonly status?: unknown;
  readonly transaction?: unknown;
  readonly data?: unknown;
}

/** Who asks, by the transaction of a question. */
function asker(transaction: unknown): Holder | undefined {
  if (typeof transaction !== 'string') return undefined;
  const [, session, startedUs] = /^claim-([0-9a-f]{8})-(\d{1,16})-\d+$/.exec(transaction) ?? [];
  return session === undefined ? undefined : { session, startedUs: Number(startedUs) };
}

function read(payload: Uint8Array): Said {
  try {
    const value: unknown = parseJson(Buffer.from(payload).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
