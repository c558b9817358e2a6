import { atMost } from '../at-most.js';
import type { Clock, Timer } from '../clock.js';
import { faultLog, type Logger, type TellFault } from '../log/index.js';
import {
  type Attempts,
  afterEnd,
  type Ended,
  FIRST_ATTEMPT,
  type ProtocolVersion,
  type ReconnectPolicy,
} from './attempts.js';
import type { PublishCounters } from './counters.js';
import type { IncomingMessage, Link, LinkIdentity, LinkTarget, OpenLink } from './link.js';
import { isExposed } from './target.js';

export interface ConnectionOptions {
  readonly target: LinkTarget;
  readonly identity: LinkIdentity;
  /** Versions to try, best first. */
  readonly versions: readonly ProtocolVersion[];
  readonly reconnect: ReconnectPolicy;
  readonly open: OpenLink;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly counters: PublishCounters;
  readonly onUp: () => void;
  readonly onDown: () => void;
  /** A connection or an attempt has ended. */
  readonly onEnded?: (how: Ended) => void;
  /** See `LinkEvents`; a fault of it is counted and logged. */
  readonly onMessage: (message: IncomingMessage) => void | Promise<void>;
}

/** Keeps a link to the broker up: from `start` to `stop` it tries for as long as it takes. */
export class Connection {
  private current: Link | undefined;
  private upSinceUs: number | undefined;
  private attempts: Attempts = FIRST_ATTEMPT;
  private timer: Timer | undefined;
  private running = false;
  private told = '';
  private readonly tellFault: TellFault;

  constructor(private readonly options: ConnectionOptions) {
    this.tellFault = faultLog(options.log, 'a message was not handled');
  }

  /** The link while it is up. */
  get link(): Link | undefined {
    return this.upSinceUs === undefined ? undefined : this.current;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    const { log, target } = this.options;
    if (isExposed(target.url))
      log.warn(
        { broker: target.url },
        'messages and password cross the network in the clear; use mqtts:// or wss://',
      );
    if (!target.rejectUnauthorized && !/^(mqtt|ws):/.test(target.url))
      log.warn(
        { broker: target.url },
        'the certificate of the broker is not verified; anybody can play the broker',
      );
    this.attempt();
  }

  /** Ends the connection with a goodbye, or after `timeoutMs` without. */
  async stop(timeoutMs: number): Promise<void> {
    const { clock } = this.options;
    this.running = false;
    clock.clearTimer(this.timer);
    const link = this.current;
    const wasUp = this.link !== undefined;
    this.current = undefined;
    this.upSinceUs = undefined;
    if (link === undefined) return;
    if (wasUp) {
      const closed = new Promise<void>((resolve) => link.close(resolve));
      await atMost(clock, timeoutMs, closed);
    }
    link.destroy();
  }

  private attempt(): void {
    const { open, target, identity, versions } = this.options;
    this.current = open(target, identity, versions[this.attempts.version] ?? versions[0]!, {
      up: () => this.up(),
      message: (message) => this.handle(message),
      ended: (how) => this.ended(how),
    });
  }

  /** A fault of whoever is told of a message is none of the connection, which goes on. */
  private handle(message: IncomingMessage): void | Promise<void> {
    try {
      const handled = this.options.onMessage(message);
      return handled instanceof Promise ? handled.catch((error) => this.unhandled(message, error)) : handled;
    } catch (error) {
      this.unhandled(message, error);
    }
  }

  private unhandled({ topic }: IncomingMessage, error: unknown): void {
    this.options.counters.handlerErrors++;
    this.tellFault(error, { topic });
  }

  private up(): void {
    const { clock, counters, log, target, onUp } = this.options;
    if (!this.running) return;
    this.upSinceUs = clock.monoUs();
    counters.connected++;
    this.told = '';
    log.info({ broker: target.url, mqtt: this.current?.version }, 'connected to the broker');
    onUp();
  }

  private ended(how: Omit<Ended, 'upMs'>): void {
    const { clock, counters, versions, reconnect, random, onDown, onEnded } = this.options;
    if (!this.running) return;
    const wasUp = this.upSinceUs !== undefined;
    const upMs = this.upSinceUs === undefined ? 0 : (clock.monoUs() - this.upSinceUs) / 1000;
    this.current = undefined;
    this.upSinceUs = undefined;
    if (wasUp) counters.lost++;
    else counters.failedAttempts++;
    const next = afterEnd(this.attempts, { ...how, upMs }, versions, reconnect, random());
    this.attempts = next.attempts;
    this.tell(how, wasUp, next.delayMs);
    this.timer = clock.setTimer(() => this.attempt(), next.delayMs);
    onEnded?.({ ...how, upMs });
    if (wasUp) onDown();
  }

  /** A broker may be away for hours: each reason is worth one line, not one an attempt. */
  private tell({ cause, reason }: Omit<Ended, 'upMs'>, wasUp: boolean, delayMs: number): void {
    const { log, target } = this.options;
    const line = `${cause}: ${reason}`;
    const known = line === this.told || cause === 'version';
    this.told = line;
    const facts = { broker: target.url, cause, reason, retryMs: Math.round(delayMs) };
    if (known) log.debug(facts, 'no connection to the broker');
    else log.warn(facts, wasUp ? 'connection to the broker lost' : 'no connection to the broker; trying on');
  }
}
