import { type Clock, systemClock, type Timer } from '../clock.js';
import { TefDecoder } from '../codec/tef/decoder.js';
import { type TefCommand, TefStream } from '../codec/tef/messages.js';
import { tefSink } from '../codec/tef/sink.js';
import type { EventBatch } from '../event.js';
import type { Geometry } from '../sensor/geometry.js';
import { geometryId } from '../sensor/geometry-id.js';
import type { Transport } from '../transport/transport.js';
import { DeviceClock } from './device-clock.js';
import { DeviceFrames } from './device-frames.js';
import { FrameSchedule, type ScheduledFrame } from './frame-schedule.js';

export interface SimulatedDeviceOptions {
  readonly geometry: Geometry;
  /**
   * What the sensor feels: batches whose times (microseconds) count from the start of streaming and do not decrease.
   * Read as the stream goes on; may be without end.
   */
  readonly source: Iterable<EventBatch> | AsyncIterable<EventBatch>;
  /** 1 = real pace (the default), 2 = twice as fast, Infinity = as fast as the link takes it. */
  readonly speed?: number;
  /** Stream as soon as a link is open, without waiting for START. Default false. */
  readonly startAtOnce?: boolean;
  /**
   * Set the device clock to zero when streaming starts for the first time, so that the times on the wire are those of the
   * source: for streams that must come out the same in every run. Default false: the clock counts from power-on.
   */
  readonly clockStartsWithStream?: boolean;
  /** Longest that an event waits for its frame to fill, unless START says otherwise, in microseconds. Default 2000. */
  readonly flushUs?: number;
  /** Longest frame of events on the wire in bytes, 32 .. 255 (default); 64 is advised below 500 kbaud. */
  readonly frameBytes?: number;
  /** Time from the last event to the end of the stream in microseconds: receivers close their last window. Default 2 s. */
  readonly tailUs?: number;
  /** Default "whorl simulator". */
  readonly name?: string;
  /** Serial number, 16 hexadecimal digits. */
  readonly uid?: string;
  /** Default: from the clock. */
  readonly bootId?: number;
  readonly clock?: Clock;
}

/** Device time from one STATUS to the next. */
const STATUS_US = 500_000;

/**
 * A sensor that does not exist, at the far end of a wire: speaks TEF on any transport. It answers DESCRIBE with HELLO,
 * PING with PONG, KEYFRAME with LEVELS, the other commands with ACK; from START (or at once) to STOP it sends the events
 * of its source, and a STATUS every 500 ms of its time, in silence too. When the source has ended, it stays: a STATUS
 * `tailUs` after the last event, then heartbeats.
 */
export class SimulatedDevice {
  /** Fulfilled when the source has ended and the STATUS after its last event has been handed to the link. */
  readonly finished: Promise<void>;
  readonly #options: SimulatedDeviceOptions;
  readonly #host: Clock;
  readonly #clock: DeviceClock;
  readonly #frames: DeviceFrames;
  readonly #schedule: FrameSchedule;
  readonly #source: Iterator<EventBatch> | AsyncIterator<EventBatch>;
  #link: Transport | undefined;
  #streaming = false;
  #everStarted = false;
  /** The frame that waits for its time. */
  #held: ScheduledFrame | undefined;
  /** Device time before which every event has been sent. */
  #sentUs = 0;
  #wake: () => void = () => {};
  #resolveFinished: () => void = () => {};

  /** Throws RangeError for a speed, frame size, uid or name out of range. */
  constructor(options: SimulatedDeviceOptions) {
    const { geometry, source, clock = systemClock, frameBytes = 255 } = options;
    const taxels = geometry.taxels.length;
    this.#options = options;
    this.#host = clock;
    this.#clock = new DeviceClock(clock, options.speed ?? 1);
    this.#frames = new DeviceFrames(
      {
        tickNs: 1000,
        taxels,
        caps: DeviceFrames.caps,
        geometryId: geometryId(geometry),
        uid: options.uid ?? '77686f726c000001',
        firmware: [1, 0, 0],
        bootId: options.bootId ?? Math.floor(clock.nowUs() / 1000) % 2 ** 32,
        name: options.name ?? 'whorl simulator',
      },
      frameBytes,
    );
    this.#schedule = new FrameSchedule(
      { taxels, frameBytes, statusUs: STATUS_US, tailUs: options.tailUs ?? 2_000_000 },
      options.flushUs ?? 2000,
    );
    this.#source =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.finished = new Promise((resolve) => {
      this.#resolveFinished = resolve;
    });
  }

  /** Events sent so far. */
  get events(): number {
    return this.#frames.events;
  }

  /** Events of the source that could not be sent: they went back in time or named a taxel that is not there. */
  get dropped(): number {
    return this.#schedule.dropped;
  }

  /**
   * Serves one link, from opening it until it closes; call it again, with a fresh transport, to be there for the next
   * host. Without a link the source halts. Rejects when the link cannot be opened (TransportError), and when the
   * source throws; the link is then closed.
   */
  async serve(transport: Transport): Promise<void> {
    if (this.#link !== undefined) throw new Error('a simulated device serves one link at a time');
    const decoder = new TefDecoder({ from: 'host' });
    const sink = tefSink({ command: (command) => this.#obey(command) });
    this.#link = transport;
    try {
      await transport.open({
        data: (chunk) => decoder.push(chunk, sink),
        closed: () => this.#unlink(),
      });
      if (this.#options.startAtOnce) this.#start();
      await this.#stream(transport);
    } finally {
      this.#unlink();
      await transport.close();
    }
  }

  #unlink(): void {
    this.#link = undefined;
    this.#halt();
  }

  /** Sends what the schedule says, when it says so, until the link is gone. */
  async #stream(transport: Transport): Promise<void> {
    while (this.#link === transport) {
      this.#held ??= this.#schedule.next();
      const waitMs = this.#held === undefined ? 0 : this.#clock.msUntil(this.#held.atUs);
      if (!this.#streaming) await this.#waiting();
      else if (this.#held === undefined) await this.#feed();
      else if (waitMs > 0) await this.#waiting(waitMs);
      else await this.#sendHeld(this.#held);
    }
  }

  async #feed(): Promise<void> {
    const { value, done } = await this.#source.next();
    if (done) this.#schedule.finish();
    else this.#schedule.feed(value);
  }

  async #sendHeld({ kind, atUs }: ScheduledFrame): Promise<void> {
    this.#held = undefined;
    this.#sentUs = atUs;
    this.#clock.reached(atUs);
    const { frame, dropped } = this.#schedule;
    await this.#send(
      kind === 'events' ? this.#frames.eventsFrame(frame, dropped) : this.#frames.status(atUs, dropped),
    );
    if (kind !== 'end') return;
    this.#clock.runOn();
    this.#resolveFinished();
  }

  #obey(command: TefCommand): void {
    const { seq } = command;
    switch (command.type) {
      case 'describe':
        this.#answer(this.#frames.hello());
        break;
      case 'ping':
        this.#answer(this.#frames.pong(command.nonce, this.#clock.nowUs()));
        break;
      case 'keyframe':
        this.#answer(this.#frames.levels(this.#sentUs));
        break;
      case 'start':
        this.#obeyStart(seq, command.stream, command.flushUs);
        break;
      case 'stop':
        this.#halt();
        this.#answer(this.#frames.ack(seq, true));
        break;
      case 'clockZero':
        this.#zeroClock();
        this.#answer(this.#frames.ack(seq, true));
        if (this.#streaming) this.#answer(this.#statusNow());
        break;
      case 'reboot':
        this.#answer(this.#frames.ack(seq, true));
        this.#reboot();
        break;
      case 'config':
        this.#answer(this.#frames.ack(seq, false));
        break;
    }
  }

  #obeyStart(seq: number, stream: number, flushUs: number): void {
    const possible = (stream & TefStream.events) !== 0;
    this.#answer(this.#frames.ack(seq, possible));
    if (!possible) return;
    if (flushUs > 0) this.#schedule.flushUs = flushUs;
    this.#start();
    if ((stream & TefStream.levels) !== 0) this.#answer(this.#frames.levels(this.#sentUs));
  }

  /** Goes on where it was halted: what was not sent yet comes from now on. */
  #start(): void {
    if (this.#streaming) return;
    this.#streaming = true;
    if (this.#options.clockStartsWithStream && !this.#everStarted) this.#clock.zero();
    this.#everStarted = true;
    this.#move(Math.max(0, this.#clock.nowUs() - this.#sentUs));
    this.#answer(this.#statusNow());
    this.#wake();
  }

  #halt(): void {
    this.#streaming = false;
    this.#wake();
  }

  #zeroClock(): void {
    this.#move(-this.#sentUs);
    this.#clock.zero();
    this.#wake();
  }

  #reboot(): void {
    this.#halt();
    this.#zeroClock();
    this.#frames.reboot();
    this.#answer(this.#frames.hello());
    if (this.#options.startAtOnce) this.#start();
  }

  /** A STATUS out of turn, from which a host learns that the clock was moved. */
  #statusNow(): Uint8Array {
    return this.#frames.status(this.#sentUs, this.#schedule.dropped);
  }

  /** Moves the stream by `us` of device time. */
  #move(us: number): void {
    this.#schedule.shift(us);
    this.#sentUs += us;
    if (this.#held !== undefined) this.#held = { ...this.#held, atUs: this.#held.atUs + us };
  }

  #answer(bytes: Uint8Array): void {
    void this.#send(bytes);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    await this.#link?.write(bytes);
  }

  /** Until something has changed, or `ms` have passed. */
  async #waiting(ms?: number): Promise<void> {
    let timer: Timer;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (ms !== undefined) timer = this.#host.setTimer(resolve, Math.min(ms, 0x7fff_ffff));
    });
    if (timer !== undefined) this.#host.clearTimer(timer);
  }
}
