import { unZigZag, VarintCursor } from '../varint.js';
import {
  headerLength,
  type LevelFormat,
  type TefAck,
  type TefCommand,
  type TefHello,
  type TefLevels,
  type TefPong,
  type TefStatus,
  TefType,
} from './messages.js';

// The contents of frames other than events. `frame` is a view of the whole payload, header included; `end` is where
// the payload ends. Each reader returns undefined when the body is cut short or out of its range; bytes after what is
// known are left for later versions.

const utf8 = new TextDecoder();

export function readHello(frame: DataView, end: number): TefHello | undefined {
  if (end < 35 || text(frame, 3, 7) !== 'TEF1') return undefined;
  const nameEnd = 35 + frame.getUint8(34);
  const tickNs = frame.getUint32(7, true);
  const taxels = frame.getUint16(11, true);
  if (nameEnd > end || tickNs === 0 || taxels === 0) return undefined;
  return {
    tickNs,
    taxels,
    caps: frame.getUint16(13, true),
    geometryId: frame.getUint32(15, true),
    uid: Array.from(bytesOf(frame, 19, 27), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    firmware: [frame.getUint8(27), frame.getUint8(28), frame.getUint8(29)],
    bootId: frame.getUint32(30, true),
    name: text(frame, 35, nameEnd),
  };
}

export function readStatus(frame: DataView, end: number): TefStatus | undefined {
  if (end < headerLength + 20) return undefined;
  const uptimeTicks = readU64(frame, 3);
  if (uptimeTicks === undefined) return undefined;
  return {
    uptimeTicks,
    events: frame.getUint32(11, true),
    dropped: frame.getUint32(15, true),
    overruns: frame.getUint32(19, true),
  };
}

export function readPong(frame: DataView, end: number): TefPong | undefined {
  if (end < headerLength + 20) return undefined;
  const rxTicks = readU64(frame, 7);
  const txTicks = readU64(frame, 15);
  if (rxTicks === undefined || txTicks === undefined || txTicks < rxTicks) return undefined;
  return { nonce: frame.getUint32(3, true), rxTicks, txTicks };
}

export function readAck(frame: DataView, end: number): TefAck | undefined {
  if (end < headerLength + 3) return undefined;
  return { seq: frame.getUint16(3, true), status: frame.getUint8(5) };
}

export function readLog(frame: DataView, end: number): string {
  return text(frame, headerLength, end);
}

/** LEVELS after its base: first taxel, then levels to the end. Fills `levels` except for its time. */
export class LevelsBody {
  private readonly cursor = new VarintCursor();

  constructor(private readonly format: LevelFormat) {}

  read(bytes: Uint8Array, end: number, levels: TefLevels): boolean {
    const { cursor, format } = this;
    const { values } = levels;
    cursor.begin(bytes, headerLength + 4, end);
    levels.start = cursor.next();
    let n = 0;
    while (cursor.at < end && !cursor.failed) {
      if (format === 'varint') values[n++] = unZigZag(cursor.next());
      else if (format === 'u8') values[n++] = bytes[cursor.at++]!;
      else {
        values[n++] = bytes[cursor.at]! | (bytes[cursor.at + 1]! << 8);
        cursor.at += 2;
      }
    }
    levels.length = n;
    return !cursor.failed && cursor.at === end && levels.start + n <= 0x1_0000;
  }
}

/** A frame of the host; undefined also for types that a host does not send. */
export function readCommand(type: number, seq: number, frame: DataView, end: number): TefCommand | undefined {
  const length = end - headerLength;
  switch (type) {
    case TefType.describe:
      return { type: 'describe', seq };
    case TefType.start:
      if (length < 3) return undefined;
      return { type: 'start', seq, stream: frame.getUint8(3), flushUs: frame.getUint16(4, true) };
    case TefType.stop:
      return { type: 'stop', seq };
    case TefType.config:
      if (length < 1) return undefined;
      return { type: 'config', seq, key: frame.getUint8(3), value: bytesOf(frame, 4, end).slice() };
    case TefType.ping:
      return length < 4 ? undefined : { type: 'ping', seq, nonce: frame.getUint32(3, true) };
    case TefType.clockZero:
      return { type: 'clockZero', seq };
    case TefType.keyframe:
      return { type: 'keyframe', seq };
    case TefType.reboot:
      return { type: 'reboot', seq };
    default:
      return undefined;
  }
}

/** 64 bits as a number; undefined from 2^53 on, which no clock reaches and damage does. */
function readU64(frame: DataView, at: number): number | undefined {
  const high = frame.getUint32(at + 4, true);
  return high >= 0x20_0000 ? undefined : high * 0x1_0000_0000 + frame.getUint32(at, true);
}

function bytesOf(frame: DataView, from: number, to: number): Uint8Array {
  return new Uint8Array(frame.buffer, frame.byteOffset + from, to - from);
}

function text(frame: DataView, from: number, to: number): string {
  return utf8.decode(bytesOf(frame, from, to));
}
