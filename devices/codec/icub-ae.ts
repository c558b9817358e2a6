import { appendEvent, createEventBatch } from '../event.js';
import type { DecoderSink, DiscardReason } from './decoder.js';
import { WindowDecoder } from './window-decoder.js';
import { WrappingClock } from './wrapping-clock.js';

/** Bytes of a record: two little-endian words, time and address. */
const recordBytes = 8;
/** Bits of the second word that no skin event changes, and their value: all but polarity, taxel and device. */
const skinMask = 0xffff_fe00;
const skinMark = 0x0100_0000;
/** Skin, IMU and audio: what none of them marks is vision. */
const routingMask = 0x0700_0000;

/** What a record of the iCub's address events says. Times in ticks. */
export type AddressEvent =
  | {
      readonly kind: 'skin';
      readonly time: number;
      readonly polarity: number;
      readonly taxel: number;
      readonly device: number;
    }
  | {
      readonly kind: 'vision';
      readonly time: number;
      readonly polarity: number;
      readonly x: number;
      readonly y: number;
      readonly channel: number;
    }
  /** Samples of the skin, IMU, audio: not read further. */
  | { readonly kind: 'other'; readonly time: number };

/** One record, from its two words; bit 31 of the first is filler. */
export function addressEvent(first: number, second: number): AddressEvent {
  const time = first & 0x7fff_ffff;
  const polarity = second & 1;
  if ((second & skinMask) === skinMark)
    return { kind: 'skin', time, polarity, taxel: (second >> 1) & 0xf, device: (second >> 5) & 0xf };
  if ((second & routingMask) !== 0) return { kind: 'other', time };
  const [x, y, channel] = [(second >> 1) & 0x7ff, (second >> 12) & 0x3ff, (second >> 22) & 1];
  return { kind: 'vision', time, polarity, x, y, channel };
}

/** Taxels that a device (a patch of skin) can number, and devices that there can be. */
const perDevice = 16;

export interface IcubAeDecoderOptions {
  /** Devices whose taxels are read, 0 .. 15 each: taxel = place in this list * 16 + taxel of the device. Default: all. */
  readonly devices?: readonly number[];
  /** Length of a tick in nanoseconds. Default 80. */
  readonly tickNs?: number;
}

/**
 * Reads the address events of the iCub's skin, from a file or a connection: 8 bytes each, nothing between them and
 * nothing to synchronise by, so the first byte of the link must be the first of a record. Events of devices that are not
 * read are rejected as `taxel`, those of other kinds as `kind`.
 */
export class IcubAeDecoder extends WindowDecoder<DecoderSink> {
  readonly taxels: number;
  private readonly batch = createEventBatch(1024);
  private readonly clock: WrappingClock;
  /** First taxel of each device, -1 of those that are not read. */
  private readonly firstOf = new Int32Array(perDevice).fill(-1);

  /** Throws RangeError for an option out of its range. */
  constructor(options: IcubAeDecoderOptions = {}) {
    super(recordBytes);
    const { devices = Array.from(Array(perDevice).keys()), tickNs = 80 } = options;
    this.clock = new WrappingClock(31, tickNs / 1000);
    this.taxels = devices.length * perDevice;
    for (const [place, device] of devices.entries()) {
      if (!(Number.isInteger(device) && device >= 0 && device < perDevice))
        throw new RangeError(
          `devices[${place}] is ${device}; it must be a whole number in 0 .. ${perDevice - 1}`,
        );
      if (this.firstOf[device] !== -1) throw new RangeError(`devices names ${device} a second time`);
      this.firstOf[device] = place * perDevice;
    }
  }

  protected measure(_bytes: Uint8Array, from: number, to: number): number {
    return to - from < recordBytes ? 0 : recordBytes;
  }

  protected take(
    _bytes: Uint8Array,
    from: number,
    _to: number,
    sink: DecoderSink,
    arrivalUs: number,
  ): DiscardReason | undefined {
    const event = addressEvent(this.view.getUint32(from, true), this.view.getUint32(from + 4, true));
    const tUs = this.clock.read(event.time, arrivalUs);
    const first = event.kind === 'skin' ? this.firstOf[event.device]! : -1;
    if (event.kind === 'skin' && first >= 0) {
      appendEvent(this.batch, tUs, first + event.taxel, event.polarity);
      if (this.batch.length === this.batch.tUs.length) this.flush(sink);
    } else {
      this.flush(sink);
      sink.reject(event.kind === 'skin' ? 'taxel' : 'kind', 1);
    }
    return undefined;
  }

  protected override flush(sink: DecoderSink): void {
    if (this.batch.length > 0) sink.events(this.batch);
    this.batch.length = 0;
  }

  protected forget(): void {
    this.clock.restart();
  }
}
