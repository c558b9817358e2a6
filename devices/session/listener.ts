import type { SensorLevels } from '../codec/decoder.js';
import type { EventBatch } from '../event.js';
import type { SensorIdentity } from './driver.js';
import type { SensorState, SessionState } from './machine.js';

export interface SensorStatus {
  readonly state: SensorState;
  /** One line: what happened, and what to do if it is a fault. */
  readonly reason: string;
  /** Who the sensor said it is, the last time it did. */
  readonly identity: SensorIdentity | undefined;
  /** What the present link could not be given as wished (baud rate, latency), a line each; absent: nothing. */
  readonly warnings?: readonly string[];
  /** Host time in microseconds since which this status holds. */
  readonly sinceUs: number;
}

/**
 * Who is told what a sensor does. Times are device microseconds; within an epoch they never go back. What a listener
 * throws is not caught.
 */
export interface SensorListener {
  /** Events in time order, taxel indices within range. The batch is reused after the call. */
  events(batch: EventBatch): void;
  /** Device time has reached `deviceUs` without further events. */
  advance(deviceUs: number): void;
  /** The device clock has restarted, or the link was lost: earlier and later times do not compare. */
  epoch(): void;
  status(status: SensorStatus): void;
  /** Pressure levels, of sensors that send them; the object is reused. */
  levels?(levels: SensorLevels): void;
  /** A line of text from the device. */
  log?(text: string): void;
}

export function statusOf({ status, reason }: SessionState): Pick<SensorStatus, 'state' | 'reason'> {
  return { state: status, reason };
}
