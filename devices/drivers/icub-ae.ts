import { IcubAeDecoder } from '../codec/icub-ae.js';
import type { EventBatch } from '../event.js';
import type { Driver, DriverSink } from '../session/driver.js';
import { passOn } from './frame-driver.js';

/** Taxels that a device (a patch of skin) can number. */
const perDevice = 16;

export interface IcubAeDriverOptions {
  /** Devices whose taxels are read, 0 .. 15 each: taxel = place in this list * 16 + taxel of the device. Default: all. */
  readonly devices?: readonly number[];
  /** Length of a tick in nanoseconds. Default 80. */
  readonly tickNs?: number;
}

/** The driver for address events of the iCub's skin, from a bridge or a file. It says nothing and is told nothing. */
export function icubAeDriver(options: IcubAeDriverOptions = {}): Driver {
  return new IcubAeDriver(options);
}

class IcubAeDriver implements Driver {
  readonly name = 'icub-ae';
  readonly taxels: number;
  readonly heartbeatMs = undefined;
  readonly describe = undefined;
  readonly start = undefined;
  readonly stop = undefined;
  private readonly decoder: IcubAeDecoder;
  /** First taxel of each device, -1 of those that are not read. */
  private readonly firstOf = new Int32Array(perDevice).fill(-1);

  constructor({ devices = Array.from(Array(perDevice).keys()), tickNs }: IcubAeDriverOptions) {
    this.decoder = new IcubAeDecoder(tickNs);
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

  get accepted(): number {
    return this.decoder.accepted;
  }

  get buffered(): number {
    return this.decoder.buffered;
  }

  push(chunk: Uint8Array, sink: DriverSink, arrivalUs: number): void {
    const events = (batch: EventBatch): void => this.handOn(batch, sink);
    this.decoder.push(chunk, { ...passOn(sink), events }, arrivalUs);
  }

  reset(sink: DriverSink): void {
    this.decoder.reset(sink);
  }

  /** From addresses to taxels, in place; events of devices that are not read are counted and left out. */
  private handOn(batch: EventBatch, sink: DriverSink): void {
    const { length, tUs, taxel, polarity } = batch;
    let kept = 0;
    for (let i = 0; i < length; i++) {
      const first = this.firstOf[taxel[i]! >> 4]!;
      if (first < 0) continue;
      tUs[kept] = tUs[i]!;
      taxel[kept] = first + (taxel[i]! & (perDevice - 1));
      polarity[kept++] = polarity[i]!;
    }
    batch.length = kept;
    if (kept < length) sink.reject('taxel', length - kept);
    if (kept > 0) sink.events(batch);
  }
}
