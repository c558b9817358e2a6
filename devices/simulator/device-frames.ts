import { TefEncoder } from '../codec/tef/encoder.js';
import { TefCaps, type TefHello } from '../codec/tef/messages.js';
import type { EventBatch } from '../event.js';

/** The frames of one device: numbers them, and keeps the counts and levels that they report. */
export class DeviceFrames {
  /** Events sent so far. */
  events = 0;
  readonly #encoder: TefEncoder;
  readonly #hello: TefHello;
  #bootId: number;
  /** ON minus OFF events sent, by taxel: the absolute state that a keyframe carries. */
  readonly #levels: Int32Array;
  #droppedTold = 0;

  /** `frameBytes` is the longest frame on the wire, 32 .. 255. Throws RangeError for another, and for a bad hello. */
  constructor(hello: TefHello, frameBytes: number) {
    this.#encoder = new TefEncoder({ tickNs: hello.tickNs, frameBytes });
    this.#hello = hello;
    this.#bootId = hello.bootId;
    this.#levels = new Int32Array(hello.taxels);
  }

  /** The capabilities that these frames have. */
  static readonly caps = TefCaps.polarity | TefCaps.levels | TefCaps.keyframes;

  hello(): Uint8Array {
    return this.#encoder.hello({ ...this.#hello, bootId: this.#bootId });
  }

  /** The device has started again. */
  reboot(): void {
    this.#bootId = (this.#bootId + 1) % 2 ** 32;
    this.#levels.fill(0);
  }

  /** One frame of events; `dropped` is the number of events dropped since the start. */
  eventsFrame(batch: EventBatch, dropped: number): Uint8Array {
    const { length, taxel, polarity } = batch;
    for (let i = 0; i < length; i++) this.#levels[taxel[i]!]! += polarity[i] === 1 ? 1 : -1;
    this.events += length;
    const newlyDropped = dropped - this.#droppedTold;
    this.#droppedTold = dropped;
    return this.#encoder.events(batch, { dropped: newlyDropped });
  }

  status(deviceUs: number, dropped: number): Uint8Array {
    const uptimeTicks = this.#encoder.ticks(deviceUs);
    return this.#encoder.status({ uptimeTicks, events: this.events % 2 ** 32, dropped, overruns: 0 });
  }

  levels(deviceUs: number): Uint8Array {
    return this.#encoder.levels(deviceUs, 0, this.#levels);
  }

  pong(nonce: number, deviceUs: number): Uint8Array {
    const ticks = this.#encoder.ticks(deviceUs);
    return this.#encoder.pong({ nonce, rxTicks: ticks, txTicks: ticks });
  }

  ack(seq: number, done: boolean): Uint8Array {
    return this.#encoder.ack({ seq, status: done ? 0 : 1 });
  }
}
