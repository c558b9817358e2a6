import { atMost } from '../at-most.js';
import type { Clock } from '../clock.js';
import type { Logger } from '../log/index.js';
import type { ProtocolVersion, ReconnectPolicy } from './attempts.js';
import type { CommandHandler, CommandSpec } from './command-spec.js';
import { Commands } from './commands.js';
import { Connection } from './connection.js';
import { createPublishCounters, type PublishCounters } from './counters.js';
import type { Link, LinkTarget, OpenLink } from './link.js';
import { type Bodies, DELIVERY, type Delivery, type Kind, RESPONSE, TOPIC } from './messages/catalog.js';
import { stampBody } from './messages/envelope.js';
import type { EdgeState } from './messages/status.js';
import { openMqttLink } from './mqtt-link.js';
import { Outbox, type Parcel } from './outbox.js';
import { pingCommand } from './ping.js';
import { Tenure, type UniqueOptions } from './tenure.js';
import { Topics } from './topics.js';

export interface PublisherOptions {
  readonly edge: string;
  readonly baseTopic: string;
  /** Eight hexadecimal digits, new with each start of the process. */
  readonly session: string;
  readonly target: LinkTarget;
  /** Protocol versions to try, best first. */
  readonly versions: readonly ProtocolVersion[];
  readonly reconnect: ReconnectPolicy;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0 to 1; `Math.random` in the program. */
  readonly random: () => number;
  /** How connections are made; MQTT.js when left out. */
  readonly open?: OpenLink;
  /** Looks first whether another process serves the edge, and is silent while one does; not looked for when left out. */
  readonly unique?: UniqueOptions;
}

/** A network that takes no more: results are dropped beyond, rather than kept until they are old. */
const MAX_PENDING_BYTES = 262_144;

/**
 * Publishes messages to one broker, whether it is there or not. Nothing here waits for it: messages for the moment are
 * dropped without it, the newest one of each retained topic is kept and told at every connect, beginning with the
 * status (the birth that belongs to the will), and decisions wait only as long as they are worth something.
 */
export class Publisher {
  readonly counters: PublishCounters = createPublishCounters();
  readonly topics: Topics;
  private readonly outbox = new Outbox(this.counters);
  private readonly commands: Commands;
  private readonly connection: Connection;
  /** Next number of each topic. */
  private readonly sequences = new Map<string, number>();
  private readonly tenure: Tenure;
  /** The link once we may publish over it. */
  private link: Link | undefined;
  private status: Bodies['status'] = { status: 'starting' };
  private stopping = false;
  private onIdle: (() => void) | undefined;
  private onBegun: () => void = () => {};
  private readonly beginning = new Promise<void>((resolve) => {
    this.onBegun = resolve;
  });

  constructor(private readonly options: PublisherOptions) {
    const { edge, baseTopic, session, clock, log, target, versions, reconnect, random } = options;
    this.topics = new Topics(baseTopic, edge);
    this.commands = new Commands({
      topics: this.topics,
      clock,
      log,
      counters: this.counters,
      answer: (topic, body, correlation) => this.post(topic, RESPONSE, body, correlation),
    });
    const { name, run, ...ping } = pingCommand(session, clock);
    this.commands.register(name, ({ body }) => run(body), ping);
    const will = JSON.stringify({ schema: DELIVERY.status.schema, session, edge, status: 'lost' });
    this.connection = new Connection({
      target,
      identity: { clientId: `whorl-${edge}-${session}`, will: { topic: this.topics.status, payload: will } },
      versions,
      reconnect,
      open: options.open ?? openMqttLink,
      clock,
      random,
      log,
      counters: this.counters,
      onUp: () => this.up(),
      onDown: () => this.down(),
      onEnded: () => this.onBegun(),
      onMessage: (message) => {
        if (!this.tenure.receive(message)) this.commands.receive(message);
      },
    });
    this.tenure = new Tenure({
      ...{ edge, session, clock, log, topics: this.topics, connection: this.connection },
      ...{ target: { target, versions, baseTopic }, open: options.open, unique: options.unique },
      onServe: (link) => this.serve(link),
      onSilent: () => {
        this.link = undefined;
        this.onBegun();
      },
      onOverwritten: () => this.publish('status', this.status),
    });
    this.publish('status', this.status);
  }

  /** Whether there is a broker now, and nobody else serves the edge there. */
  get connected(): boolean {
    return this.link !== undefined;
  }

  /** What has not reached the broker yet: messages that are kept for it, and bytes that wait for the network. */
  get backlog(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.outbox.size, bytes: this.link?.pendingBytes ?? 0 };
  }

  /** Begins to connect, and keeps at it; returns at once. */
  start(): void {
    this.connection.start();
  }

  /** Publishes `offline`, waits until the broker has everything, says goodbye; takes at most `timeoutMs`. */
  async stop(timeoutMs = 2000): Promise<void> {
    if (this.stopping) return;
    const { clock } = this.options;
    const endUs = clock.monoUs() + timeoutMs * 1000;
    this.publish('status', { status: 'offline' });
    this.stopping = true;
    if (this.connected && !this.outbox.idle) {
      const idle = new Promise<void>((resolve) => {
        this.onIdle = resolve;
      });
      await atMost(clock, timeoutMs, idle);
    }
    this.tenure.stop();
    await this.connection.stop(Math.max(0, (endUs - clock.monoUs()) / 1000));
  }

  /** Publishes the state of the runtime, with the reasons when it is degraded. */
  setStatus(status: EdgeState, reasons: readonly string[] = []): void {
    this.publish('status', { status, ...(reasons.length === 0 ? {} : { reasons: [...reasons] }) });
  }

  /**
   * Publishes a message; its topic, QoS, retain flag and expiry follow from its kind. Returns whether it was sent or
   * kept; false when it was dropped (counted). Throws RangeError when a name in it cannot be part of a topic.
   */
  publish<K extends Kind>(kind: K, body: Bodies[K]): boolean {
    if (this.stopping) return this.drop('droppedOffline');
    if (kind === 'status') this.status = body as Bodies['status'];
    const topic = TOPIC[kind](this.topics, body);
    const delivery: Delivery = DELIVERY[kind];
    if (delivery.offline !== 'drop') {
      this.post(topic, delivery, body);
      return true;
    }
    const { link } = this;
    if (link === undefined) return this.drop('droppedOffline');
    if (link.pendingBytes > MAX_PENDING_BYTES) return this.drop('droppedSlow');
    this.write(link, this.parcel(topic, delivery, body), (error) => {
      if (error !== undefined) this.counters.sendErrors++;
    });
    return true;
  }

  /**
   * Takes an alert back: its topic gets an empty payload, upon which brokers forget what they have retained there. Throws
   * RangeError when the id cannot be part of a topic.
   */
  clearAlert(id: string): void {
    if (!this.stopping) this.post(this.topics.alert(id), DELIVERY.alert);
  }

  /** Registers what is done on `cmd/<name>`; see `Commands`. */
  onCommand(name: string, handler: CommandHandler, spec?: CommandSpec): void {
    this.commands.register(name, handler, spec);
  }

  /** What can be commanded, in order of names. */
  get commandList(): { readonly name: string; readonly about: string }[] {
    return this.commands.list;
  }

  private drop(counter: 'droppedOffline' | 'droppedSlow'): boolean {
    this.counters[counter]++;
    return false;
  }

  private post(topic: string, delivery: Delivery, body?: object, correlation?: Buffer): void {
    this.outbox.put(this.parcel(topic, delivery, body, correlation));
    this.pump();
  }

  private parcel(topic: string, delivery: Delivery, body?: object, correlation?: Buffer): Parcel {
    const expiresUs =
      delivery.expiryS === undefined
        ? Number.POSITIVE_INFINITY
        : this.options.clock.monoUs() + delivery.expiryS * 1e6;
    return {
      ...{ topic, delivery, expiresUs },
      ...(body === undefined ? {} : { body }),
      ...(correlation === undefined ? {} : { correlation }),
    };
  }

  /** Resolves at the birth, when an attempt has failed, when somebody else serves the edge; after `ms` at the latest. */
  async begun(ms: number): Promise<void> {
    await atMost(this.options.clock, ms, this.beginning);
  }

  private down(): void {
    this.tenure.end();
    this.link = undefined;
    this.onIdle?.();
  }

  /** Commands are heard before the birth is told, so that who hears of us is answered. */
  private up(): void {
    const { link } = this.connection;
    if (link === undefined) return;
    link.subscribe(this.topics.commands, (error) => {
      if (error !== undefined)
        this.options.log.warn({ err: error, filter: this.topics.commands }, 'cannot subscribe to commands');
    });
    this.tenure.begin(link);
  }

  /** The edge is ours at this broker: tell everything, the birth first. */
  private serve(link: Link): void {
    this.link = link;
    this.onBegun();
    this.outbox.restart();
    this.pump();
  }

  /** Sends what waits, as far as the outbox lets it go. */
  private pump(): void {
    const { link } = this;
    if (link === undefined) return;
    for (;;) {
      const parcel = this.outbox.next(this.options.clock.monoUs());
      if (parcel === undefined) break;
      this.write(link, parcel, (error) => this.settled(link, parcel, error));
    }
    if (this.outbox.idle) this.onIdle?.();
  }

  private settled(link: Link, parcel: Parcel, error: Error | undefined): void {
    if (this.link !== link) return;
    if (error !== undefined) {
      this.counters.sendErrors++;
      this.options.log.warn({ err: error, topic: parcel.topic }, 'the broker refused a message');
    }
    this.outbox.settle(parcel);
    this.pump();
  }

  private write(link: Link, parcel: Parcel, done: (error?: Error) => void): void {
    const { clock, edge, session } = this.options;
    const { topic, delivery, body, expiresUs, correlation } = parcel;
    const { qos, retain, schema } = delivery;
    const nowUs = clock.monoUs();
    if (parcel.sent === undefined || delivery.offline === 'latest') {
      const seq = this.sequences.get(topic) ?? 0;
      this.sequences.set(topic, (seq + 1) >>> 0);
      const stamp = { session, seq, edge, publish_us: clock.nowUs(), mono_us: nowUs };
      parcel.sent = {
        seq,
        payload: body === undefined ? '' : JSON.stringify(stampBody(schema, body, stamp)),
      };
    }
    const { seq, payload } = parcel.sent;
    this.counters.sent++;
    this.counters.sentBytes += Buffer.byteLength(payload);
    const leftS = Math.max(1, Math.ceil((expiresUs - nowUs) / 1e6));
    link.publish(
      {
        topic,
        payload,
        qos,
        retain,
        ...(Number.isFinite(leftS) ? { expiryS: leftS } : {}),
        ...(correlation === undefined ? {} : { correlation }),
        properties: { schema, session, seq: String(seq) },
      },
      done,
    );
  }
}
