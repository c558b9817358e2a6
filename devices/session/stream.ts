import type { ClockSync } from '../clock-sync.js';
import type { DiscardReason, RejectReason, SensorLevels } from '../codec/decoder.js';
import type { EventBatch } from '../event.js';
import type { SensorCounters } from './counters.js';
import type { Driver, DriverSink, SensorIdentity } from './driver.js';
import type { SensorListener } from './listener.js';
import { Timeline } from './timeline.js';

/** What concerns the connection. */
export interface StreamNews {
  identified(identity: SensorIdentity): void;
  /** The device clock restarted while the link was open. */
  restarted(): void;
  /** Frames or events were lost. */
  lost(): void;
  /** Host time in microseconds at which the ping with this nonce was sent; undefined: there was none, or it was answered. */
  pingedUs(nonce: number): number | undefined;
}

/** An answered ping: host time of sending, device times of reception and answer. */
type RoundTrip = readonly [sentUs: number, rxUs: number, txUs: number];

/**
 * From chunks to the listener: the driver decodes, time is kept from going back, everything is counted, and the clock
 * mapping gets one sample a chunk (only a chunk's last frame arrived when the chunk did) and every round trip.
 */
export class SensorStream implements DriverSink {
  private readonly timeline = new Timeline();
  private arrivalUs = 0;
  /** Round trips of the present chunk: they count after its events, whose host times have been told. */
  private readonly roundTrips: RoundTrip[] = [];

  constructor(
    private readonly driver: Driver,
    private readonly target: SensorListener,
    private readonly counters: SensorCounters,
    private readonly clockSync: ClockSync,
    private readonly news: StreamNews,
  ) {}

  push(chunk: Uint8Array, arrivalUs: number): void {
    this.counters.bytes += chunk.length;
    this.counters.chunks++;
    this.arrivalUs = arrivalUs;
    const beforeUs = this.timeline.nowUs;
    this.driver.push(chunk, this, arrivalUs);
    if (this.timeline.nowUs > beforeUs) this.clockSync.sample(this.timeline.nowUs, arrivalUs);
    for (const [sentUs, rxUs, txUs] of this.roundTrips)
      this.clockSync.roundTrip(sentUs, rxUs, txUs, arrivalUs);
    this.counters.roundTrips += this.roundTrips.length;
    this.roundTrips.length = 0;
  }

  /** The link is gone. */
  reset(): void {
    this.driver.reset(this);
    this.beginEpoch();
  }

  events(batch: EventBatch): void {
    if (batch.length === 0) return;
    const lastUs = batch.tUs[batch.length - 1]!;
    if (this.timeline.isRestart(lastUs)) this.epoch();
    this.counters.backward += this.timeline.align(batch);
    this.counters.events += batch.length;
    this.ensureMapping();
    this.target.events(batch);
  }

  advance(deviceUs: number): void {
    if (this.timeline.isRestart(deviceUs)) this.epoch();
    if (!this.timeline.advance(deviceUs)) return;
    this.ensureMapping();
    this.target.advance(deviceUs);
  }

  epoch(): void {
    this.beginEpoch();
    this.news.restarted();
  }

  gap(kind: 'frames' | 'events', count: number): void {
    if (kind === 'frames') this.counters.framesLost += count;
    else this.counters.eventsLost += count;
    this.news.lost();
  }

  discard(reason: DiscardReason, bytes: number): void {
    this.counters.discarded[reason] += bytes;
  }

  reject(reason: RejectReason, count: number): void {
    this.counters.rejected[reason] += count;
  }

  identity(identity: SensorIdentity): void {
    this.news.identified(identity);
  }

  levels(levels: SensorLevels): void {
    this.target.levels?.(levels);
  }

  log(text: string): void {
    this.target.log?.(text);
  }

  pong(nonce: number, rxUs: number, txUs: number): void {
    const sentUs = this.news.pingedUs(nonce);
    if (sentUs !== undefined) this.roundTrips.push([sentUs, rxUs, txUs]);
  }

  /** A listener may ask for host times from its first event on. */
  private ensureMapping(): void {
    if (this.clockSync.samples === 0) this.clockSync.sample(this.timeline.nowUs, this.arrivalUs);
  }

  private beginEpoch(): void {
    this.clockSync.reset();
    this.roundTrips.length = 0;
    if (!this.timeline.restart()) return;
    this.counters.epochs++;
    this.target.epoch();
  }
}
