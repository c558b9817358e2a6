import {
  type Clock,
  eventsFrom,
  memoryPair,
  TefDecoder,
  TefEncoder,
  type Transport,
  TransportError,
  type TransportFactory,
  tefSink,
} from '../../devices/index.js';
import { hello } from './tef.js';

/**
 * What a sensor does when its cable is out.
 *   talks    it has power of its own and goes on sending into the void
 *   reboots  it has power by the cable: it is off, and starts anew
 */
export type Manner = 'talks' | 'reboots';

/** What was lost with one pull of the cable. */
export interface Outage {
  readonly manner: Manner;
  /** Frames that the sensor had numbered, and the events in them; of one that reboots, the frame that was cut in half. */
  frames: number;
  events: number;
}

const statusEveryUs = 500_000;

/**
 * A TEF device of three taxels that is touched all the time, at the end of a cable that can be pulled. It lives in the time
 * of its clock and keeps account of what it has sent, and of what was lost with the cable.
 */
export class PulledSensor {
  /** Events that it has handed to the cable, or sent into the void. */
  eventsSent = 0;
  /** The present or the last outage. */
  outage: Outage = { manner: 'talks', frames: 0, events: 0 };
  plugged = true;
  #encoder = new TefEncoder();
  #bootId = 1;
  #bootedUs: number;
  #saidUs = 0;
  #statusUs = 0;
  #started = false;
  #link: { readonly near: Transport; readonly far: Transport } | undefined;

  /** @param random 0 .. 1 @param serial tells it from the others */
  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly serial: number,
  ) {
    this.#bootedUs = clock.nowUs();
  }

  readonly transport: TransportFactory = () => {
    if (!this.plugged) throw new TransportError('ENOENT', 'the cable is out');
    const [near, far] = memoryPair({ clock: this.clock });
    const link = { near, far };
    const decoder = new TefDecoder({ from: 'host' });
    const sink = tefSink({ command: (command) => this.#obey(command) });
    void far.open({
      data: (chunk) => decoder.push(chunk, sink),
      closed: () => {
        if (this.#link === link) this.#link = undefined;
      },
    });
    this.#link = link;
    return near;
  };

  /** Says what has happened since it spoke last: a touch or two, and twice a second the time. */
  speak(): void {
    if (!this.#started || (!this.plugged && this.outage.manner === 'reboots')) return;
    this.#send(...this.#touch());
    const nowUs = this.#nowUs();
    if (nowUs - this.#statusUs < statusEveryUs) return;
    this.#statusUs = nowUs;
    this.#send(this.#encoder.status({ uptimeTicks: nowUs, events: 0, dropped: 0, overruns: 0 }));
  }

  /** Pulls the cable while a frame is on its way, of which `settle` lets the first half arrive. */
  async pull(manner: Manner, settle: () => Promise<void>): Promise<void> {
    this.outage = { manner, frames: 0, events: 0 };
    const [frame, events] = this.#touch();
    const half = frame.length >> 1;
    void this.#link?.far.write(frame.subarray(0, half));
    await settle();
    this.#account(events);
    this.plugged = false;
    const { near, far } = this.#link!;
    if (manner === 'talks') {
      // The rest, and a whole frame more, leave the sensor and never arrive.
      void far.write(frame.subarray(half));
      const [next, more] = this.#touch();
      void far.write(next);
      this.#account(more);
    } else this.#started = false;
    this.#link = undefined;
    await near.close();
  }

  plug(): void {
    this.plugged = true;
    if (this.outage.manner !== 'reboots') return;
    this.#encoder = new TefEncoder();
    this.#bootId++;
    this.#bootedUs = this.clock.nowUs();
    this.#saidUs = this.#statusUs = 0;
  }

  #nowUs(): number {
    return Math.round(this.clock.nowUs() - this.#bootedUs);
  }

  /** A frame of one to three events since it spoke last. */
  #touch(): [frame: Uint8Array, events: number] {
    const nowUs = this.#nowUs();
    const count = 1 + Math.floor(this.random() * 3);
    const stepUs = Math.floor((nowUs - this.#saidUs) / (count + 1));
    const rows = Array.from(
      { length: count },
      (_, i) => [this.#saidUs + (i + 1) * stepUs, Math.floor(this.random() * 3), i % 2] as const,
    );
    this.#saidUs = nowUs;
    return [this.#encoder.events(eventsFrom(rows)), count];
  }

  #send(frame: Uint8Array, events = 0): void {
    this.eventsSent += events;
    if (this.#link !== undefined) void this.#link.far.write(frame);
    else this.#lose(events);
  }

  /** A frame that left while the cable was being pulled. */
  #account(events: number): void {
    this.eventsSent += events;
    this.#lose(events);
  }

  #lose(events: number): void {
    this.outage.frames++;
    this.outage.events += events;
  }

  #obey(command: { readonly type: string; readonly seq: number; readonly nonce?: number }): void {
    const { type, seq, nonce } = command;
    if (type === 'describe') {
      const uid = this.serial.toString(16).padStart(16, '0');
      this.#send(this.#encoder.hello({ ...hello, taxels: 3, geometryId: 0, uid, bootId: this.#bootId }));
    }
    if (type === 'start') {
      this.#started = true;
      this.#send(this.#encoder.ack({ seq, status: 0 }));
    }
    if (type === 'ping') {
      const nowUs = this.#nowUs();
      this.#send(this.#encoder.pong({ nonce: nonce!, rxTicks: nowUs, txTicks: nowUs }));
    }
  }
}
