import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, systemClock } from '../../clock.js';
import { Lifecycle } from '../lifecycle.js';
import {
  type Transport,
  TransportError,
  type TransportFactory,
  type TransportListener,
} from '../transport.js';
import { CaptureError, type CaptureRecord } from './format.js';
import { CaptureSequence } from './sequence.js';

export interface ReplayOptions {
  /** A capture, or a folder of the captures of one sensor, of which the newest run is played. */
  readonly path: string;
  /** 1 = as fast as it was recorded (the default), 2 = twice as fast, Infinity = as fast as it is taken. */
  readonly speed?: number;
  readonly clock?: Clock;
}

/** At full speed, bytes after which the rest of the process has its turn. */
const turnBytes = 64 * 1024;

/**
 * A capture file as a sensor that ignores what it is told. When it has ended, the pipe closes without an error.
 *
 * The arrival times are those of the recording, moved to begin now, at any speed: all that is computed from them is
 * then the same at any speed. At a speed above 1 they run ahead of the clock.
 */
export function replayTransport(options: ReplayOptions): TransportFactory {
  const speed = options.speed ?? 1;
  if (!(speed > 0)) throw new RangeError(`a replay's speed is above 0, not ${speed}`);
  const open = async (): Promise<RecordSource> => {
    const reader = await CaptureSequence.open(options.path);
    const { startedUs } = reader.header;
    return { startedUs, next: () => reader.next(), close: () => reader.close() };
  };
  return () => new ReplayTransport(options.path, open, speed, options.clock ?? systemClock);
}

/** What is played: pieces of bytes with the times at which they arrived. */
export interface RecordSource {
  /** Time on the clock of the records at which the first may have come. */
  readonly startedUs: number;
  /** The next piece, or undefined at the end. */
  next(): Promise<CaptureRecord | undefined>;
  close(): Promise<void>;
}

/** Plays a file; see `replayTransport`. */
export class ReplayTransport implements Transport {
  readonly name: string;
  private readonly life = new Lifecycle();
  private paused = false;
  /** Ends the current waiting: for a record's time, or for `resume`. */
  private wake: () => void = () => {};

  constructor(
    private readonly path: string,
    private readonly source: () => Promise<RecordSource>,
    private readonly speed: number,
    private readonly clock: Clock,
  ) {
    this.name = `replay:${path}`;
  }

  async open(listener: TransportListener): Promise<void> {
    this.life.begin(listener);
    let reader: RecordSource;
    try {
      reader = await this.source();
    } catch (error) {
      throw failure(this.path, error);
    }
    if (this.life.isClosed) await reader.close();
    this.life.opened();
    void this.play(reader).then(
      () => this.life.end(),
      (error: unknown) => this.life.end(failure(this.path, error)),
    );
  }

  async write(): Promise<void> {}

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.wake();
  }

  async probe(): Promise<void> {
    if (!this.life.isOpen) throw new TransportError('EPIPE', `${this.name} is closed`);
  }

  async close(): Promise<void> {
    this.life.end();
    this.wake();
  }

  private async play(reader: RecordSource): Promise<void> {
    try {
      await nextTurn();
      const beginUs = this.clock.nowUs();
      const shiftUs = beginUs - reader.startedUs;
      let sinceTurn = 0;
      while (this.life.isOpen) {
        const record = await reader.next();
        if (record === undefined) return;
        const arrivalUs = record.arrivalUs + shiftUs;
        sinceTurn += record.bytes.length;
        if (this.speed !== Number.POSITIVE_INFINITY) {
          await this.until(beginUs + (arrivalUs - beginUs) / this.speed);
        } else if (sinceTurn >= turnBytes) {
          sinceTurn = 0;
          await nextTurn();
        }
        while (this.paused && this.life.isOpen) await this.waiting(() => {});
        if (record.newLink) this.life.relinked();
        if (record.bytes.length > 0) this.life.data(record.bytes, arrivalUs);
      }
    } finally {
      await reader.close();
    }
  }

  /** A timer waits whole milliseconds; what is due within the next one is not worth one. */
  private async until(dueUs: number): Promise<void> {
    for (;;) {
      const waitMs = (dueUs - this.clock.nowUs()) / 1000;
      if (waitMs < 1 || !this.life.isOpen) return;
      let timer: unknown;
      await this.waiting((wake) => {
        timer = this.clock.setTimer(wake, Math.min(waitMs, 0x7fff_ffff));
      });
      this.clock.clearTimer(timer);
    }
  }

  private waiting(start: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      start(resolve);
    });
  }
}

function failure(path: string, error: unknown): TransportError {
  if (error instanceof CaptureError) return new TransportError('EINVAL', error.message, error);
  const { code = 'EUNKNOWN', message } = error as NodeJS.ErrnoException;
  const remedy =
    code === 'ENOENT' ? `${path} is not there: check the name of the capture` : `${path}: ${message}`;
  return new TransportError(code, remedy, error);
}
