/** Captures as recordings: read through the driver of their sensor, written as a TEF device would have sent the events. */
import { ClockSync } from '../clock-sync.js';
import { type EventBatch, sliceEvents } from '../event.js';
import { SensorCounters } from '../session/counters.js';
import type { Driver, SensorIdentity } from '../session/driver.js';
import { SensorStream } from '../session/stream.js';
import { DeviceFrames } from '../simulator/device-frames.js';
import { FrameSchedule } from '../simulator/frame-schedule.js';
import { type CaptureHeader, encodeHeader, encodeRecords } from '../transport/capture/format.js';
import type { CaptureSequence } from '../transport/capture/sequence.js';
import {
  type Recording,
  type RecordingAbout,
  RecordingError,
  type RecordingOutput,
  type RecordingWriter,
  RoundedTimes,
} from './recording.js';

/**
 * The events of a capture. Where the device's clock was restarted, times go on by the host's clock. Rejects with a
 * CaptureError.
 */
export async function readCapture(capture: CaptureSequence, driver: Driver): Promise<Recording> {
  const events = new CaptureEvents(capture, driver);
  await events.readSome();
  const { identity } = events;
  const { meta } = capture.header;
  const taxels = identity?.taxels ?? numberOf(meta['taxels']);
  const sensor = sensorOf(identity, meta);
  return {
    about: {
      originS: numberOf(meta['originS']) ?? 0,
      ...(taxels === undefined ? {} : { taxels }),
      ...(sensor === undefined ? {} : { sensor }),
    },
    batches: events.batches(),
    notes: () => events.notes(),
  };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function sensorOf(identity: SensorIdentity | undefined, meta: CaptureHeader['meta']): string | undefined {
  const name = identity?.name === '' ? undefined : identity?.name;
  const id = identity?.geometryId === 0 ? undefined : identity?.geometryId;
  const geometry = meta['geometry'] ?? id?.toString(16).padStart(8, '0');
  const parts = [
    ...(name === undefined ? [] : [`the sensor's name ${name}`]),
    ...(geometry === undefined ? [] : [`its geometry ${geometry}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

class CaptureEvents {
  identity: SensorIdentity | undefined;
  private readonly counters = new SensorCounters();
  private readonly stream: SensorStream;
  private readonly waiting: EventBatch[] = [];
  /** Time of the recording minus time of the device, in this epoch. */
  private shiftUs: number;
  private lastUs = 0;
  private arrivalUs = 0;
  /** Arrival of the last events. */
  private eventsUs = 0;
  /** Arrival of the last events before the clock was restarted; undefined when it was not. */
  private restartedUs: number | undefined;

  constructor(
    private readonly capture: CaptureSequence,
    private readonly driver: Driver,
  ) {
    this.shiftUs = numberOf(capture.header.meta['zeroUs']) ?? 0;
    const ignore = (): void => {};
    const listener = {
      events: (batch: EventBatch) => this.take(batch),
      advance: ignore,
      epoch: () => {
        this.restartedUs = this.eventsUs;
      },
      status: ignore,
    };
    const news = {
      identified: (identity: SensorIdentity) => {
        this.identity = identity;
      },
      restarted: ignore,
      lost: ignore,
      pingedUs: () => undefined,
    };
    this.stream = new SensorStream(this.driver, listener, this.counters, new ClockSync(), news);
  }

  /** Reads on until there are events, or none are left; false in that case. */
  async readSome(): Promise<boolean> {
    while (this.waiting.length === 0) {
      const record = await this.capture.next();
      if (record === undefined) return false;
      this.arrivalUs = record.arrivalUs;
      if (record.newLink) this.stream.reset();
      if (record.bytes.length > 0) this.stream.push(record.bytes, record.arrivalUs);
    }
    return true;
  }

  async *batches(): AsyncGenerator<EventBatch> {
    while (await this.readSome()) yield* this.waiting.splice(0);
  }

  notes(): string[] {
    const { discarded, rejected, framesLost, eventsLost, epochs } = this.counters;
    const counted = (counts: Record<string, number>, what: string): string[] =>
      Object.entries(counts).flatMap(([reason, n]) =>
        n === 0 ? [] : [`${n} ${what} of no use (${reason})`],
      );
    return [
      ...counted(discarded, 'bytes were'),
      ...counted(rejected, 'events were'),
      ...(framesLost + eventsLost === 0
        ? []
        : [`${framesLost} frames and ${eventsLost} events were lost before it`]),
      ...(epochs === 0
        ? []
        : [`the sensor's clock was restarted ${epochs} times: times go on by the host's`]),
      ...(this.capture.cutBytes === 0
        ? []
        : [`the last ${this.capture.cutBytes} bytes are an unfinished record`]),
    ];
  }

  private take(batch: EventBatch): void {
    if (this.restartedUs !== undefined) {
      const passedUs = Math.max(0, Math.round(this.arrivalUs - this.restartedUs));
      this.shiftUs = this.lastUs + passedUs - batch.tUs[0]!;
      this.restartedUs = undefined;
    }
    const copy = sliceEvents(batch);
    for (let i = 0; i < copy.length; i++) copy.tUs[i]! += this.shiftUs;
    this.lastUs = copy.tUs[copy.length - 1]!;
    this.eventsUs = this.arrivalUs;
    this.waiting.push(copy);
  }
}

/** A silence that long is a mistake in the times rather than a touch that did not come. */
const longestGapUs = 24 * 3600 * 1e6;
/** Times that begin later are counted from the second in which they begin; the header tells it. */
const latestStartUs = 10e6;

export interface CaptureWriteOptions {
  /** What else the header tells. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** Throws RecordingError when the number of taxels is not known. */
export function writeCapture(
  output: RecordingOutput,
  about: RecordingAbout,
  { meta = {} }: CaptureWriteOptions = {},
): RecordingWriter {
  const { taxels, originS } = about;
  if (taxels === undefined)
    throw new RecordingError(
      'a capture tells the number of taxels, which the input does not: give it with --taxels',
    );
  return new CaptureEventWriter(output, taxels, originS, meta);
}

class CaptureEventWriter implements RecordingWriter {
  private readonly frames: DeviceFrames;
  private readonly schedule: FrameSchedule;
  private readonly times = new RoundedTimes();
  private zeroUs = 0;
  private lastUs: number | undefined;
  private writtenUs = 0;

  constructor(
    private readonly output: RecordingOutput,
    private readonly taxels: number,
    private readonly originS: number,
    private readonly meta: Readonly<Record<string, unknown>>,
  ) {
    this.frames = new DeviceFrames(
      {
        ...{ tickNs: 1000, taxels, caps: DeviceFrames.caps, geometryId: 0, uid: '0000000000000000' },
        ...{ firmware: [1, 0, 0], bootId: 1, name: '' },
      },
      255,
    );
    this.schedule = new FrameSchedule({ taxels, frameBytes: 255, statusUs: 500_000, tailUs: 0 }, 2000);
  }

  async write(batch: EventBatch): Promise<void> {
    if (batch.length === 0) return;
    if (this.lastUs === undefined) await this.begin(batch.tUs[0]!);
    const moved = sliceEvents(batch);
    for (let i = 0; i < moved.length; i++) {
      const tUs = this.times.round(batch.tUs[i]!) - this.zeroUs;
      if (tUs - this.lastUs! > longestGapUs)
        throw new RecordingError(
          `a silence of ${Math.round((tUs - this.lastUs!) / 3600e6)} hours before the event at ${batch.tUs[i]! / 1e6} s: are the times right?`,
        );
      this.lastUs = tUs;
      moved.tUs[i] = tUs;
    }
    this.schedule.feed(moved);
    await this.send();
  }

  async end(): Promise<string[]> {
    if (this.lastUs === undefined) await this.begin(0);
    this.schedule.finish();
    await this.send();
    return this.times.notes('a capture');
  }

  private async begin(firstUs: number): Promise<void> {
    this.zeroUs = firstUs < latestStartUs ? 0 : Math.floor(firstUs / 1e6) * 1e6;
    this.lastUs = 0;
    const { originS, zeroUs, taxels } = this;
    const meta = { ...this.meta, driver: { kind: 'tef' }, taxels, tickNs: 1000, originS, zeroUs };
    await this.output.write(encodeHeader({ version: 1, startedUs: originS * 1e6 + zeroUs, meta }));
    await this.output.write(encodeRecords(0, this.frames.hello()));
  }

  /** Writes the frames that can be made up so far, as they would have arrived. */
  private async send(): Promise<void> {
    const pieces: Uint8Array[] = [];
    for (let due = this.schedule.next(); due !== undefined; due = this.schedule.next()) {
      const { frame, dropped } = this.schedule;
      const bytes =
        due.kind === 'events'
          ? this.frames.eventsFrame(frame, dropped)
          : this.frames.status(due.atUs, dropped);
      pieces.push(encodeRecords(due.atUs - this.writtenUs, bytes));
      this.writtenUs = due.atUs;
      if (due.kind === 'end') break;
    }
    if (pieces.length > 0) await this.output.write(Buffer.concat(pieces));
  }
}
