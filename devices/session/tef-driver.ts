import { TefDecoder } from '../codec/tef/decoder.js';
import { TefEncoder } from '../codec/tef/encoder.js';
import { type LevelFormat, TefCaps, type TefHello, TefStream } from '../codec/tef/messages.js';
import { type TefSink, tefSink } from '../codec/tef/sink.js';
import type { Driver, DriverSink, SensorIdentity } from './driver.js';

export interface TefDriverOptions {
  /** Number of taxels. Default: what HELLO says. */
  readonly taxels?: number;
  /** Tick of a device that sends no HELLO, nanoseconds. Given together with `taxels`, no HELLO is waited for. */
  readonly tickNs?: number;
  /** Longest time that the device may hold an event back, microseconds. Default 2000. */
  readonly flushUs?: number;
  /** What the device is to send, a sum of `TefStream`. Default: events. */
  readonly stream?: number;
  readonly levels?: LevelFormat;
}

/** The driver for the native framing, TEF v1. */
export function tefDriver(options: TefDriverOptions = {}): Driver {
  return new TefDriver(options);
}

class TefDriver implements Driver {
  readonly name = 'tef';
  readonly heartbeatMs = 500;
  readonly describe: (() => Uint8Array) | undefined;
  readonly start: () => Uint8Array;
  readonly stop: () => Uint8Array;
  readonly ping: (nonce: number) => Uint8Array;
  private readonly encoder = new TefEncoder();
  private hasKeyframes = false;
  private readonly decoder: TefDecoder;
  private target: DriverSink | undefined;
  private sink: TefSink = tefSink({});

  constructor(options: TefDriverOptions) {
    const { taxels, tickNs, flushUs = 2000, stream = TefStream.events } = options;
    const { encoder } = this;
    this.decoder = new TefDecoder(options);
    this.describe = taxels !== undefined && tickNs !== undefined ? undefined : () => encoder.describe();
    this.start = () => encoder.start(stream, flushUs);
    this.stop = () => encoder.stop();
    this.ping = (nonce) => encoder.ping(nonce);
  }

  /** Asked only of devices whose HELLO says that they have levels to tell. */
  get keyframe(): (() => Uint8Array) | undefined {
    return this.hasKeyframes ? () => this.encoder.keyframe() : undefined;
  }

  get accepted(): number {
    return this.decoder.accepted;
  }

  get buffered(): number {
    return this.decoder.buffered;
  }

  push(chunk: Uint8Array, sink: DriverSink): void {
    this.decoder.push(chunk, this.through(sink));
  }

  reset(sink: DriverSink): void {
    this.decoder.reset(this.through(sink));
  }

  /** The TEF sink that passes on to `sink`; made once, for a sensor keeps its sink. */
  private through(sink: DriverSink): TefSink {
    if (this.target !== sink) {
      this.target = sink;
      this.sink = tefSink({
        events: (batch) => sink.events(batch),
        advance: (deviceUs) => sink.advance(deviceUs),
        epoch: () => sink.epoch(),
        gap: (kind, count) => sink.gap(kind, count),
        discard: (reason, bytes) => sink.discard(reason, bytes),
        reject: (reason, count) => sink.reject(reason, count),
        hello: (hello) => {
          this.hasKeyframes = (hello.caps & TefCaps.keyframes) !== 0;
          sink.identity(identityOf(hello));
        },
        pong: ({ nonce }, rxUs, txUs) => sink.pong?.(nonce, rxUs, txUs),
        levels: (levels) => sink.levels(levels),
        log: (text) => sink.log(text),
      });
    }
    return this.sink;
  }
}

function identityOf(hello: TefHello): SensorIdentity {
  const { name, uid, taxels, tickNs, geometryId, bootId } = hello;
  return { driver: 'tef', firmware: hello.firmware.join('.'), name, uid, taxels, tickNs, geometryId, bootId };
}
