import type { Decoder, LevelSink } from '../codec/decoder.js';

/** Who a sensor says it is; what the protocol does not tell is undefined. */
export interface SensorIdentity {
  /** Driver that the sensor answered to. */
  readonly driver: string;
  readonly name?: string;
  /** Serial number, as text. */
  readonly uid?: string;
  readonly firmware?: string;
  readonly taxels?: number;
  /** Length of a tick of the device clock, nanoseconds. */
  readonly tickNs?: number;
  /** CRC-32 of the canonical geometry; 0 = none. */
  readonly geometryId?: number;
  /** Differs after every start of the device. */
  readonly bootId?: number;
}

/** What a driver reports besides what every decoder does. */
export interface DriverSink extends LevelSink {
  identity(identity: SensorIdentity): void;
  /** A line of text from the device. */
  log(text: string): void;
}

/**
 * One way to talk to a sensor: its decoder and the bytes it wants to be sent. A driver belongs to one sensor and is
 * reset for every new link. Pure, as decoders are.
 */
export interface Driver extends Decoder<DriverSink> {
  readonly name: string;
  /** Number of taxels that its options make, where they do: every index lies below. */
  readonly taxels?: number;
  /** The sensor sends something at least this often, in milliseconds; undefined: it may be quiet for ever. */
  readonly heartbeatMs: number | undefined;
  /** The question that the sensor answers with its identity; undefined: there is none, it is online at once. */
  readonly describe: (() => Uint8Array) | undefined;
  /** What makes the sensor send events; undefined: it does so by itself. */
  readonly start: (() => Uint8Array) | undefined;
  /** What makes it stop. */
  readonly stop: (() => Uint8Array) | undefined;
}
