import type { PublishCounters } from './counters.js';
import type { Delivery } from './messages/catalog.js';

/** A message on its way. */
export interface Parcel {
  readonly topic: string;
  readonly delivery: Delivery;
  /** Without one the payload is empty: the broker forgets what it has retained. */
  readonly body?: object;
  /** MQTT 5 correlation data of the request that it answers. */
  readonly correlation?: Buffer;
  /** Monotonic time after which it is worthless. */
  readonly expiresUs: number;
  /** Set when it was written once: a repeat carries the same number, so that readers can tell. */
  sent?: { readonly seq: number; readonly payload: string };
}

/** One retained topic: its newest message, and whether the broker has it. */
interface Slot {
  parcel: Parcel;
  state: 'waiting' | 'flying' | 'done';
  /** A newer message that came while the other one was on its way. */
  newer?: Parcel;
}

export const MAX_TOPICS = 1024;
export const MAX_QUEUED = 256;
export const MAX_FLYING = 64;

/**
 * What is kept for the broker, with fixed bounds. Of every retained topic the newest message only, for as long as the
 * runtime lives, so that a broker that forgot everything is told everything. Of decisions and answers a short queue,
 * emptied of what has expired. No I/O: `next` says what to send, `settle` what became of it.
 */
export class Outbox {
  private readonly slots = new Map<string, Slot>();
  private readonly waiting = new Set<string>();
  private queue: Parcel[] = [];
  private flying = new Set<Parcel>();

  constructor(private readonly counters: PublishCounters) {}

  /** Takes a message whose delivery is `latest` or `fresh`. */
  put(parcel: Parcel): void {
    if (parcel.delivery.offline === 'latest') this.keep(parcel);
    else {
      if (this.queue.length >= MAX_QUEUED) {
        this.queue.shift();
        this.counters.droppedFull++;
      }
      this.queue.push(parcel);
    }
  }

  /** The next message to send, which counts as on its way from now on; undefined when none may be sent. */
  next(nowUs: number): Parcel | undefined {
    if (this.flying.size >= MAX_FLYING) return undefined;
    const parcel = this.nextKept(nowUs) ?? this.nextQueued(nowUs);
    if (parcel !== undefined) this.flying.add(parcel);
    return parcel;
  }

  /** The broker has taken the message, or refused it: either way it is not sent again on this connection. */
  settle(parcel: Parcel): void {
    if (!this.flying.delete(parcel)) return;
    const slot = this.slots.get(parcel.topic);
    if (slot?.parcel !== parcel) return;
    if (slot.newer === undefined) slot.state = 'done';
    else {
      slot.parcel = slot.newer;
      delete slot.newer;
      this.wait(parcel.topic, slot);
    }
  }

  /** A new connection: every retained topic is to be published, in the order in which they first came, and what was on its way is to be sent again. */
  restart(): void {
    this.queue = [...[...this.flying].filter((parcel) => parcel.delivery.offline === 'fresh'), ...this.queue];
    this.flying = new Set();
    this.waiting.clear();
    for (const [topic, slot] of this.slots) {
      slot.parcel = slot.newer ?? slot.parcel;
      delete slot.newer;
      this.wait(topic, slot);
    }
  }

  /** Nothing waits and nothing is on its way. */
  get idle(): boolean {
    return this.waiting.size === 0 && this.queue.length === 0 && this.flying.size === 0;
  }

  /** Messages that wait or are on their way. */
  get size(): number {
    return this.waiting.size + this.queue.length + this.flying.size;
  }

  private keep(parcel: Parcel): void {
    const slot = this.slots.get(parcel.topic);
    if (slot === undefined) {
      if (this.slots.size >= MAX_TOPICS) this.counters.droppedFull++;
      else {
        const added: Slot = { parcel, state: 'waiting' };
        this.slots.set(parcel.topic, added);
        this.waiting.add(parcel.topic);
      }
      return;
    }
    if (slot.state === 'flying') {
      if (slot.newer !== undefined) this.counters.conflated++;
      slot.newer = parcel;
      return;
    }
    if (slot.state === 'waiting') this.counters.conflated++;
    slot.parcel = parcel;
    this.wait(parcel.topic, slot);
  }

  private wait(topic: string, slot: Slot): void {
    slot.state = 'waiting';
    this.waiting.add(topic);
  }

  private nextKept(nowUs: number): Parcel | undefined {
    for (const topic of this.waiting) {
      this.waiting.delete(topic);
      const slot = this.slots.get(topic);
      if (slot === undefined) continue;
      if (slot.parcel.expiresUs > nowUs) {
        slot.state = 'flying';
        return slot.parcel;
      }
      this.slots.delete(topic);
    }
    return undefined;
  }

  private nextQueued(nowUs: number): Parcel | undefined {
    for (let parcel = this.queue.shift(); parcel !== undefined; parcel = this.queue.shift()) {
      if (parcel.expiresUs > nowUs) return parcel;
      this.counters.droppedExpired++;
    }
    return undefined;
  }
}
