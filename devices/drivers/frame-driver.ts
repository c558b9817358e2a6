import type { Decoder, DecoderSink, LevelSink } from '../codec/decoder.js';
import { LevelEvents } from '../encoder/level-events.js';
import type { Calibration } from '../sensor/calibration-file.js';
import type { Driver, DriverSink, SensorIdentity } from '../session/driver.js';

/** How the levels of a sampled sensor become events: the same for all of them. */
export interface LevelOptions {
  /** Change of level that makes an event, in the unit of the sensor; wins over the thresholds of `calibration`. */
  readonly threshold?: number;
  /** Rest levels and thresholds by taxel, as `whorl calibrate` finds them. Without it, the first frame is rest. */
  readonly calibration?: Calibration;
  /** What a change must exceed its threshold by when it turns back, in thresholds. Default 0.5. */
  readonly hysteresis?: number;
  /** Most events of a taxel in a frame. Default 1. */
  readonly maxPerFrame?: number;
  /** A taxel is mute for this long after a frame in which it fired. Default 0. */
  readonly refractoryUs?: number;
}

/** A decoder of levels and what there is to say to its sensor. */
export interface FrameProtocol<Sink extends LevelSink = LevelSink> {
  readonly name: string;
  /** Number of levels in a frame. */
  readonly taxels: number;
  readonly decoder: Decoder<Sink>;
  /** What the decoder calls besides what all decoders of levels do. */
  readonly news?: (sink: FrameNews) => Omit<Sink, keyof LevelSink>;
  readonly describe?: () => Uint8Array;
  readonly start?: () => Uint8Array;
  readonly stop?: () => Uint8Array;
}

export type FrameNews = Pick<DriverSink, 'log'> & { identity(identity: SensorIdentity): void };

/** A sampled sensor sends frames all the time: so long without a byte, in milliseconds, is a third of silence. */
const heartbeatMs = 500;

/**
 * The driver of any sampled sensor: its decoder finds the levels, which are handed on as they are and, encoded by
 * send-on-delta, as events. Throws RangeError when an option is out of its range, when there is neither a threshold nor a
 * calibration, and when the calibration is of another sensor.
 */
export function frameDriver<Sink extends LevelSink>(
  protocol: FrameProtocol<Sink>,
  options: LevelOptions,
): Driver {
  return new FrameDriver(protocol, levelEvents(protocol, options));
}

function levelEvents(
  { name, taxels }: Pick<FrameProtocol, 'name' | 'taxels'>,
  options: LevelOptions,
): LevelEvents {
  const { threshold, calibration, ...rest } = options;
  const { hysteresis, maxPerFrame, refractoryUs } = rest;
  if (calibration !== undefined && calibration.driver !== name)
    throw new RangeError(`calibration is of a sensor ${calibration.driver}, not ${name}; calibrate this one`);
  const thresholds = threshold ?? calibration?.threshold;
  if (thresholds === undefined)
    throw new RangeError(
      'threshold is missing: calibrate the sensor (whorl calibrate) and name the file, or give a threshold',
    );
  if (calibration !== undefined && calibration.rest.length !== taxels)
    throw new RangeError(
      `calibration has ${calibration.rest.length} taxels, the sensor ${taxels}; calibrate it anew`,
    );
  return new LevelEvents({
    taxels,
    threshold: thresholds,
    ...(calibration === undefined ? {} : { rest: calibration.rest }),
    ...(hysteresis === undefined ? {} : { hysteresis }),
    ...(maxPerFrame === undefined ? {} : { maxPerFrame }),
    ...(refractoryUs === undefined ? {} : { refractoryUs }),
  });
}

class FrameDriver<Sink extends LevelSink> implements Driver {
  readonly name: string;
  readonly taxels: number;
  readonly heartbeatMs = heartbeatMs;
  readonly describe: (() => Uint8Array) | undefined;
  readonly start: (() => Uint8Array) | undefined;
  readonly stop: (() => Uint8Array) | undefined;
  private readonly decoder: Decoder<Sink>;
  private target: DriverSink | undefined;
  private sink: Sink | undefined;

  constructor(
    private readonly protocol: FrameProtocol<Sink>,
    private readonly encoder: LevelEvents,
  ) {
    const { name, taxels, decoder, describe, start, stop } = protocol;
    this.name = name;
    this.taxels = taxels;
    this.decoder = decoder;
    this.describe = describe;
    this.start = start;
    this.stop = stop;
  }

  get accepted(): number {
    return this.decoder.accepted;
  }

  get buffered(): number {
    return this.decoder.buffered;
  }

  push(chunk: Uint8Array, sink: DriverSink, arrivalUs: number): void {
    this.decoder.push(chunk, this.through(sink), arrivalUs);
  }

  reset(sink: DriverSink): void {
    this.decoder.reset(this.through(sink));
    this.encoder.restart();
  }

  /** The decoder's sink that passes on to `sink`; made once, for a sensor keeps its sink. */
  private through(sink: DriverSink): Sink {
    if (this.sink === undefined || this.target !== sink) {
      const { encoder, protocol } = this;
      this.target = sink;
      const common: LevelSink = {
        ...passOn(sink),
        epoch: () => {
          encoder.restart();
          sink.epoch();
        },
        levels: (levels) => {
          sink.levels(levels);
          encoder.frame(levels, sink);
        },
      };
      this.sink = { ...common, ...protocol.news?.(sink) } as Sink;
    }
    return this.sink;
  }
}

/** The part of a sink that every decoder calls, as functions of their own. */
export function passOn(sink: DecoderSink): DecoderSink {
  return {
    events: (batch) => sink.events(batch),
    advance: (deviceUs) => sink.advance(deviceUs),
    epoch: () => sink.epoch(),
    gap: (kind, count) => sink.gap(kind, count),
    discard: (reason, bytes) => sink.discard(reason, bytes),
    reject: (reason, count) => sink.reject(reason, count),
  };
}
