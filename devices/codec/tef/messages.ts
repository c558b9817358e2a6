/** What TEF v1 frames carry. Layouts are in devices/DESIGN.md; all integers on the wire are little-endian. */
import type { SensorLevels } from '../decoder.js';

export const tefVersion = 1;

/** Low four bits of the first payload byte. 0-7 travel from the device to the host, 8-15 from the host to it. */
export const TefType = {
  hello: 0,
  events: 1,
  scan: 2,
  levels: 3,
  status: 4,
  pong: 5,
  ack: 6,
  log: 7,
  describe: 8,
  start: 9,
  stop: 10,
  config: 11,
  ping: 12,
  clockZero: 13,
  keyframe: 14,
  reboot: 15,
} as const;

/** Bits of `TefHello.caps`. */
export const TefCaps = { polarity: 1, levels: 2, keyframes: 4, hardwareClockOut: 8 } as const;

/** Bits of `TefStart.stream`. */
export const TefStream = { events: 1, levels: 2 } as const;

/** Payload plus CRC of one frame: one COBS run then suffices, and no encoder adds a trailing 0x01. */
export const maxFrameContent = 253;

/** Type and version, sequence number. */
export const headerLength = 3;
export const crcLength = 2;

/** How the levels of a LEVELS frame are written; the frame does not say it, so both ends must agree. */
export type LevelFormat = 'varint' | 'u8' | 'u16';

/** HELLO: who the device is. */
export interface TefHello {
  /** Length of a device clock tick in nanoseconds, 1 .. 2^32-1. */
  readonly tickNs: number;
  /** Number of taxels, 1 .. 65535. */
  readonly taxels: number;
  /** Sum of `TefCaps`. */
  readonly caps: number;
  /** CRC-32 of the canonical geometry JSON; 0 = none. */
  readonly geometryId: number;
  /** Serial number of the device: 8 bytes as 16 hexadecimal digits. */
  readonly uid: string;
  /** Firmware version: major, minor, patch, each 0 .. 255. */
  readonly firmware: readonly [number, number, number];
  /** A number that differs after every start of the device, 0 .. 2^32-1. */
  readonly bootId: number;
  readonly name: string;
}

/** STATUS: the heartbeat, sent every 500 ms. */
export interface TefStatus {
  /** Ticks since the device clock was zero, 0 .. 2^53-1 (64 bits on the wire). */
  readonly uptimeTicks: number;
  /** Events produced since the start, modulo 2^32. */
  readonly events: number;
  /** Events that the device had to drop since the start, modulo 2^32. */
  readonly dropped: number;
  /** Times the device found its transmit buffer full, modulo 2^32. */
  readonly overruns: number;
}

/** PONG: the answer to a ping, with the device clock at reception and at sending. */
export interface TefPong {
  readonly nonce: number;
  readonly rxTicks: number;
  readonly txTicks: number;
}

/** ACK: the outcome of the command whose sequence number was `seq`; status 0 = done. */
export interface TefAck {
  readonly seq: number;
  readonly status: number;
}

/** LEVELS: pressure levels of taxels start .. start+length-1 at one moment. */
export interface TefLevels extends SensorLevels {
  /** Device time in microseconds. */
  tUs: number;
  start: number;
  length: number;
  readonly values: Int32Array;
}

/** What a host asks of a device. `seq` is the sequence number that an ACK names. */
export type TefCommand =
  | { readonly type: 'describe'; readonly seq: number }
  | { readonly type: 'start'; readonly seq: number; readonly stream: number; readonly flushUs: number }
  | { readonly type: 'stop'; readonly seq: number }
  | { readonly type: 'config'; readonly seq: number; readonly key: number; readonly value: Uint8Array }
  | { readonly type: 'ping'; readonly seq: number; readonly nonce: number }
  | { readonly type: 'clockZero'; readonly seq: number }
  | { readonly type: 'keyframe'; readonly seq: number }
  | { readonly type: 'reboot'; readonly seq: number };
