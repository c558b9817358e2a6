import type { Timer } from '../clock.js';
import { backoffMs, type Ended, REFUSED } from './attempts.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { createPublishCounters } from './counters.js';
import type { IncomingMessage, LinkIdentity, OutgoingMessage } from './link.js';
import { openMqttLink } from './mqtt-link.js';

export interface Subscription {
  readonly filter: string;
  /** Whether messages that were retained before are wanted, too. */
  readonly retained?: boolean;
}

export interface WorkLinkOptions
  extends Pick<ConnectionOptions, 'target' | 'reconnect' | 'clock' | 'random' | 'log'> {
  readonly identity: LinkIdentity;
  readonly subscriptions: readonly Subscription[];
  /** How connections are made; MQTT.js when left out. */
  readonly open?: ConnectionOptions['open'];
  /** The broker has confirmed every subscription. */
  readonly onUp: () => void;
  /** The connection is lost, or could not be made. */
  readonly onDown: () => void;
  /** A connection or an attempt has ended. */
  readonly onEnded?: (how: Ended) => void;
  /** One message at a time; it is acknowledged when this has returned or its promise is fulfilled. */
  readonly onMessage: (message: IncomingMessage) => void | Promise<void>;
}

const VERSION = 5;

/**
 * A connection by which processes share work: MQTT 5 alone, since only that has shared subscriptions, response topics and
 * expiry. It comes back by itself and subscribes anew each time, and again after 5 s to 60 s what was refused; nothing is
 * kept meanwhile.
 */
export class WorkLink {
  readonly #connection: Connection;
  #isUp = false;
  #fault = '';
  /** Subscriptions that the broker has not confirmed on this connection. */
  #unconfirmed = new Set<Subscription>();
  /** Those whose refusal has been told. */
  readonly #told = new Set<Subscription>();
  /** Times that subscriptions were refused on this connection. */
  #refusals = 0;
  #timer: Timer | undefined;

  constructor(private readonly options: WorkLinkOptions) {
    const { target, identity, reconnect, clock, random, log, open = openMqttLink, onMessage } = options;
    this.#connection = new Connection({
      ...{ target, identity, reconnect, clock, random, log, open, onMessage, versions: [VERSION] },
      counters: createPublishCounters(),
      onUp: () => this.#begin(),
      onDown: () => {},
      onEnded: (how) => {
        this.#down(faultOf(target.url, how.cause, how.reason));
        options.onEnded?.(how);
      },
    });
    this.#fault = `not connected to ${target.url} yet`;
  }

  /** Whether there is a broker that has confirmed every subscription. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Why it is not up, and what to do; undefined while it is. */
  get fault(): string | undefined {
    return this.#isUp ? undefined : this.#fault;
  }

  /** Begins to connect, and keeps at it; returns at once. */
  start(): void {
    this.#connection.start();
  }

  /** Publishes, when it is up; returns whether it was written. `done`: the broker has it, or refused it. */
  publish(message: OutgoingMessage, done: (error?: Error) => void = () => {}): boolean {
    const { link } = this.#connection;
    if (!this.#isUp || link === undefined) return false;
    link.publish(message, done);
    return true;
  }

  /** Ends all subscriptions; resolves when what came before has been handled, or at once when there is no connection. */
  async unsubscribe(): Promise<void> {
    const { link } = this.#connection;
    const filters = this.options.subscriptions.map(({ filter }) => filter);
    if (link !== undefined) await new Promise<void>((resolve) => link.unsubscribe(filters, () => resolve()));
  }

  /** Ends with a goodbye, or after `timeoutMs` without. */
  async stop(timeoutMs: number): Promise<void> {
    this.#isUp = false;
    this.#rest();
    await this.#connection.stop(timeoutMs);
  }

  /** There is a connection: nothing of it is subscribed. */
  #begin(): void {
    this.#unconfirmed = new Set(this.options.subscriptions);
    this.#refusals = 0;
    this.#subscribe();
  }

  #subscribe(): void {
    const { link } = this.#connection;
    for (const subscription of [...this.#unconfirmed])
      link?.subscribe(
        subscription.filter,
        (error) => {
          if (this.#connection.link !== link) return;
          if (error === undefined) this.#confirmed(subscription);
          else this.#refused(subscription, error);
        },
        subscription.retained,
      );
  }

  #confirmed(subscription: Subscription): void {
    this.#unconfirmed.delete(subscription);
    this.#told.delete(subscription);
    if (this.#unconfirmed.size > 0 || this.#isUp) return;
    this.#isUp = true;
    this.options.onUp();
  }

  /** Told once, and asked for again after a while: the access rules of the broker may change. */
  #refused(subscription: Subscription, error: Error): void {
    const { log, clock, random } = this.options;
    const { filter } = subscription;
    const isNews = !this.#told.has(subscription);
    this.#told.add(subscription);
    this.#fault = `the broker refuses the subscription ${filter}: do its access rules allow it?`;
    log[isNews ? 'error' : 'debug'](
      { err: error, filter },
      'the broker refuses a subscription; do its access rules allow it?',
    );
    if (isNews) this.options.onDown();
    this.#timer ??= clock.setTimer(
      () => {
        this.#timer = undefined;
        this.#subscribe();
      },
      backoffMs(this.#refusals++, REFUSED, random()),
    );
  }

  #rest(): void {
    this.options.clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #down(fault: string): void {
    this.#rest();
    const isNews = this.#isUp || this.#fault !== fault;
    this.#isUp = false;
    this.#fault = fault;
    if (isNews) this.options.onDown();
  }
}

function faultOf(url: string, cause: string, reason: string): string {
  if (cause === 'version')
    return `the broker ${url} does not speak MQTT 5, which work for others needs; Mosquitto 2 does, the embedded broker does not`;
  return `no connection to ${url} (${cause}: ${reason})`;
}
