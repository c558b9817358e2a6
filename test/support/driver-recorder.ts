import type { Driver, SensorLevels } from '../../devices/index.js';
import { concat, Recorder } from './tef.js';

/** Writes down what decoders and drivers of any sensor call. */
export class DriverRecorder extends Recorder {
  override levels({ tUs, start, length, values }: SensorLevels): void {
    this.calls.push(['levels', tUs, start, [...values.subarray(0, length)]]);
  }
  identity(identity: unknown): void {
    this.calls.push(['identity', identity]);
  }
  text(line: string): void {
    this.calls.push(['text', line]);
  }
  config(config: unknown): void {
    this.calls.push(['config', config]);
  }
  error(text: string): void {
    this.calls.push(['error', text]);
  }

  /** The values of every frame of levels. */
  get frames(): unknown[] {
    return this.only('levels').map(([, , , values]) => values);
  }

  /** The calls, with the events of batches that follow each other as one. */
  get merged(): unknown[][] {
    const merged: unknown[][] = [];
    for (const call of this.calls) {
      const last = merged.at(-1);
      if (call[0] === 'events' && last?.[0] === 'events')
        merged[merged.length - 1] = ['events', [...(last[1] as unknown[]), ...(call[1] as unknown[])]];
      else merged.push(call);
    }
    return merged;
  }
}

/** What a driver calls for these bytes, which arrive together at 500 us. */
export function heard(driver: Driver, ...bytes: Uint8Array[]): DriverRecorder {
  const recorder = new DriverRecorder();
  driver.push(concat(...bytes), recorder, 500);
  return recorder;
}
