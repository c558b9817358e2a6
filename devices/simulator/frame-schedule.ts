import { varintLength } from '../codec/varint.js';
import { appendEvent, createEventBatch, type EventBatch } from '../event.js';

export interface FrameScheduleOptions {
  readonly taxels: number;
  /** Longest EVENTS frame on the wire in bytes, 32 .. 255. */
  readonly frameBytes: number;
  /** Time from one STATUS to the next in microseconds. */
  readonly statusUs: number;
  /** Time from the last event to the end in microseconds. */
  readonly tailUs: number;
}

/** What the device sends next, and when. Times are device microseconds and do not decrease. */
export interface ScheduledFrame {
  /** `end` is a STATUS too: all has been sent, and `tailUs` have passed since. After it there are heartbeats alone. */
  readonly kind: 'events' | 'status' | 'end';
  readonly atUs: number;
}

/** Bytes of an EVENTS frame that are not events: header 3, lost count 1, base 4, CRC 2, COBS 1, delimiter 1. */
const FRAME_OVERHEAD = 12;

/**
 * When the firmware sends what: the order of EVENTS and STATUS frames in device time. Pure: time is an output.
 *
 * A frame of events goes out when its first event is `flushUs` old, when the next event would not fit, or when a STATUS
 * is due, whichever comes first; so every event before the time of a STATUS is sent before it. Events that go back in
 * time, or name a taxel that is not there, are dropped and counted.
 */
export class FrameSchedule {
  /** Time that the oldest event of a frame may wait, in microseconds. */
  flushUs: number;
  /** Events dropped so far. */
  dropped = 0;
  /** The events of the frame that `next` returned last: valid until the next call. */
  readonly frame: EventBatch;
  readonly #options: FrameScheduleOptions;
  #frameBytes = FRAME_OVERHEAD;
  #frameIsOut = false;
  #queue: EventBatch = createEventBatch(0);
  #at = 0;
  #finished = false;
  #ended = false;
  /** Device time minus the time of the source. */
  #offsetUs = 0;
  /** Device time of the last event taken, and of the last frame. */
  #lastUs = 0;
  #frameUs = 0;
  #statusUs: number;

  constructor(options: FrameScheduleOptions, flushUs: number) {
    this.#options = options;
    this.#statusUs = options.statusUs;
    this.flushUs = flushUs;
    this.frame = createEventBatch(options.frameBytes);
  }

  /** True when `next` needs more events first. */
  get hungry(): boolean {
    return !this.#finished && this.#peek() === undefined;
  }

  /** The next events of the source, times on its own clock; only when hungry. The batch is read until it is used up. */
  feed(events: EventBatch): void {
    this.#queue = events;
    this.#at = 0;
  }

  /** The source has no more events. */
  finish(): void {
    this.#finished = true;
  }

  /** Moves all that is still to come by `us`: the device was halted, or its clock was set. */
  shift(us: number): void {
    this.#offsetUs += us;
    this.#lastUs += us;
    this.#frameUs += us;
    this.#statusUs += us;
    for (let i = 0; i < this.frame.length; i++) this.frame.tUs[i]! += us;
  }

  /** The next frame, or undefined when hungry. */
  next(): ScheduledFrame | undefined {
    if (this.#frameIsOut) this.#clearFrame();
    const { frame } = this;
    while (!this.hungry) {
      const tUs = this.#peek() ?? Number.POSITIVE_INFINITY;
      if (frame.length > 0) {
        const dueUs = Math.min(frame.tUs[0]! + this.flushUs, this.#statusUs);
        if (tUs >= dueUs || this.#frameBytes + this.#cost(tUs) > this.#options.frameBytes) {
          this.#frameIsOut = true;
          this.#frameUs = Math.min(tUs, dueUs);
          return { kind: 'events', atUs: this.#frameUs };
        }
      } else if (tUs >= this.#statusUs) {
        return this.#nextStatus();
      }
      this.#take(tUs);
    }
    return undefined;
  }

  #nextStatus(): ScheduledFrame {
    const { statusUs, tailUs } = this.#options;
    const endUs = Math.max(this.#lastUs + tailUs, this.#frameUs);
    const ends = this.#finished && !this.#ended && this.#peek() === undefined && this.#statusUs >= endUs;
    const atUs = ends ? endUs : this.#statusUs;
    this.#ended ||= ends;
    this.#frameUs = atUs;
    this.#statusUs = atUs + statusUs;
    return { kind: ends ? 'end' : 'status', atUs };
  }

  /** Device time of the next event that can be sent, or undefined. Drops those before it that cannot. */
  #peek(): number | undefined {
    const { tUs, taxel, length } = this.#queue;
    for (; this.#at < length; this.#at++) {
      const at = Math.round(tUs[this.#at]! + this.#offsetUs);
      if (at >= this.#lastUs && at < Number.MAX_SAFE_INTEGER && taxel[this.#at]! < this.#options.taxels)
        return at;
      this.dropped++;
    }
    return undefined;
  }

  /** Bytes that the next event takes in the open frame. */
  #cost(tUs: number): number {
    const address = this.#queue.taxel[this.#at]! << 1;
    const sinceLast = this.frame.length === 0 ? 0 : Math.min(tUs - this.#lastUs, 0xffff_ffff);
    return varintLength(address) + varintLength(sinceLast);
  }

  #take(tUs: number): void {
    this.#frameBytes += this.#cost(tUs);
    appendEvent(this.frame, tUs, this.#queue.taxel[this.#at]!, this.#queue.polarity[this.#at]!);
    this.#lastUs = tUs;
    this.#at++;
  }

  #clearFrame(): void {
    this.frame.length = 0;
    this.#frameBytes = FRAME_OVERHEAD;
    this.#frameIsOut = false;
  }
}
