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
}

/**
 * From chunks to the listener: the driver decodes, time is kept from going back, everything is counted, and the clock
 * mapping gets one sample a chunk (only a chunk's last frame arrived when the chunk did).
 */
export class SensorStream implements DriverSink {
  private readonly timeline = new Timeline();
  private arrivalUs = 0;

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

  /** A listener may ask for host times from its first event on. */
  private ensureMapping(): void {
    if (this.clockSync.samples === 0) this.clockSync.sample(this.timeline.nowUs, this.arrivalUs);
  }

  private beginEpoch(): void {
    if (!this.timeline.restart()) return;
    this.counters.epochs++;
    this.clockSync.reset();
    this.target.epoch();
  }
}
