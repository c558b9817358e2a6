import type { DecoderSink, SensorLevels } from '../codec/decoder.js';
import { createEventBatch, type EventBatch } from '../event.js';
import { SendOnDelta } from './send-on-delta.js';

export interface LevelEventsOptions {
  /** Number of taxels, 1 .. 65536. */
  readonly taxels: number;
  /** Change of level that makes an event, > 0, in the unit of the sensor: one for all taxels or one each. */
  readonly threshold: number | ArrayLike<number>;
  /** Level of each untouched taxel. Default: that of the first frame, so that a resting load is no event. */
  readonly rest?: ArrayLike<number>;
  /** What a change must exceed its threshold by when it turns back, in thresholds, >= 0. Default 0.5. */
  readonly hysteresis?: number;
  /** As in `SendOnDeltaOptions`. */
  readonly maxPerFrame?: number;
  /** As in `SendOnDeltaOptions`. */
  readonly refractoryUs?: number;
}

/** Most events that one frame gives in one batch; what is more comes with the next frames. */
const maxBatch = 65_536;

/**
 * Events from the frames of a sampled sensor, of any kind: levels are counted from the taxel's rest level in units of
 * its threshold, then encoded as send-on-delta. Each frame gives one batch, or the time that has passed. Allocates nothing
 * a frame.
 */
export class LevelEvents {
  private readonly encoder: SendOnDelta;
  private readonly batch: EventBatch;
  private readonly scaled: Float64Array;
  private readonly rest: Float64Array;
  private readonly perThreshold: Float64Array;
  private readonly restIsKnown: boolean;
  private isFresh = true;

  /** Throws RangeError for an option out of its range, or lists of another length than there are taxels. */
  constructor(options: LevelEventsOptions) {
    const { taxels, threshold, rest, hysteresis = 0.5, maxPerFrame = 1, refractoryUs = 0 } = options;
    this.encoder = new SendOnDelta({ taxels, rise: 1, fall: 1, hysteresis, maxPerFrame, refractoryUs });
    this.batch = createEventBatch(Math.min(taxels * maxPerFrame, maxBatch));
    this.scaled = new Float64Array(taxels);
    this.restIsKnown = rest !== undefined;
    this.rest = levelList('rest', rest ?? this.scaled, taxels, Number.isFinite);
    const thresholds = typeof threshold === 'number' ? this.scaled.slice().fill(threshold) : threshold;
    const isThreshold = (value: number): boolean => value > 0 && Number.isFinite(value);
    this.perThreshold = levelList('threshold', thresholds, taxels, isThreshold).map((value) => 1 / value);
  }

  /** Encodes a frame of all taxels. Frames must come in the order of their times, or `restart` stand between. */
  frame({ tUs, values }: SensorLevels, sink: Pick<DecoderSink, 'events' | 'advance'>): void {
    const { batch, encoder, scaled, rest, perThreshold } = this;
    if (this.isFresh) this.begin(values);
    for (let i = 0; i < scaled.length; i++) scaled[i] = (values[i]! - rest[i]!) * perThreshold[i]!;
    batch.length = 0;
    if (encoder.encode(scaled, tUs, batch) > 0) sink.events(batch);
    else sink.advance(tUs);
  }

  /** What comes next does not follow what came before: a new link, or a restarted clock. */
  restart(): void {
    this.isFresh = true;
  }

  private begin(values: ArrayLike<number>): void {
    this.isFresh = false;
    if (!this.restIsKnown)
      for (let i = 0; i < this.rest.length; i++) this.rest[i] = Number.isFinite(values[i]) ? values[i]! : 0;
    this.encoder.reset();
  }
}

function levelList(
  name: string,
  list: ArrayLike<number>,
  taxels: number,
  isGood: (value: number) => boolean,
): Float64Array {
  if (list.length !== taxels) throw new RangeError(`${name} has ${list.length} values for ${taxels} taxels`);
  return Float64Array.from(list, (value, taxel) => {
    if (isGood(value)) return value;
    throw new RangeError(`${name}[${taxel}] is ${value}, which is no ${name}`);
  });
}
