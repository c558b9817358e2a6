import { maxVarintLength, VarintCursor, writeVarint } from '../../codec/varint.js';

/*
 * A capture file: bytes of one link in one direction, as they arrived.
 *
 *   "WHORLCAP"                   8 bytes
 *   header length                u32 LE, at most 64 KiB
 *   header                       JSON, UTF-8
 *   records                      varint dt, varint length, bytes
 *
 * dt is the whole microseconds since the record before, the first since `startedUs`; length is 0 .. 65536. A record
 * without bytes only lets time pass: that is how a silence longer than 2^32-1 us (71 minutes) is written. Length 65537
 * stands for no bytes and a new link: what comes after it does not go on where the bytes before it ended. A file that
 * ends inside a record was cut short (power, disk full): its whole records are good.
 */
const magic = new TextEncoder().encode('WHORLCAP');
const headerLimit = 64 * 1024;
export const recordLimit = 64 * 1024;
const newLink = recordLimit + 1;
/** Bytes before the header's JSON. */
export const preambleLength = magic.length + 4;
/** Longest record with its two varints. */
export const recordSpace = recordLimit + 2 * maxVarintLength;
const maxDt = 0xffff_ffff;

export interface CaptureHeader {
  readonly version: 1;
  /** Host time in microseconds (since 1970) that the first record's time counts from. */
  readonly startedUs: number;
  /** Whatever else belongs to the recording: sensor, driver, label, ... */
  readonly meta: Readonly<Record<string, unknown>>;
}

export interface CaptureRecord {
  /** Host time in microseconds. */
  arrivalUs: number;
  /** Valid until the next record is asked for. */
  bytes: Uint8Array;
  /** The link was lost and opened again: these bytes begin a new stream. There are none in this record. */
  newLink: boolean;
}

/** The file is no capture, or damaged; the message says where. */
export class CaptureError extends Error {
  override name = 'CaptureError';
}

export function encodeHeader(header: CaptureHeader): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  if (json.length > headerLimit)
    throw new RangeError(`a capture header may have ${headerLimit} bytes, not ${json.length}`);
  const bytes = new Uint8Array(preambleLength + json.length);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(magic.length, json.length, true);
  bytes.set(json, preambleLength);
  return bytes;
}

/** Length of the header's JSON from the first `preambleLength` bytes of a file. Throws CaptureError. */
export function headerLength(preamble: Uint8Array): number {
  if (preamble.length < preambleLength || magic.some((byte, i) => preamble[i] !== byte))
    throw new CaptureError('this is no capture: it does not begin with WHORLCAP');
  const length = new DataView(preamble.buffer, preamble.byteOffset).getUint32(magic.length, true);
  if (length > headerLimit)
    throw new CaptureError(`the capture's header claims ${length} bytes; at most ${headerLimit} are allowed`);
  return length;
}

/** The header from its JSON. Throws CaptureError. */
export function decodeHeader(json: Uint8Array): CaptureHeader {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch {
    throw new CaptureError("the capture's header is no JSON: the file is damaged");
  }
  const { version, startedUs, meta } = (value ?? {}) as Record<string, unknown>;
  if (version !== 1)
    throw new CaptureError(`the capture has version ${String(version)}; this program reads 1`);
  if (
    typeof startedUs !== 'number' ||
    !Number.isFinite(startedUs) ||
    typeof meta !== 'object' ||
    meta === null
  )
    throw new CaptureError("the capture's header lacks startedUs or meta: the file is damaged");
  return { version, startedUs, meta: meta as Record<string, unknown> };
}

/** One chunk as records: more than one after a long silence or for a long chunk. `dtUs` is a whole number. */
export function encodeRecords(dtUs: number, chunk: Uint8Array): Uint8Array {
  const pieces = Math.max(1, Math.ceil(chunk.length / recordLimit));
  const fillers = Math.floor(dtUs / maxDt);
  const out = new Uint8Array(chunk.length + (pieces + fillers) * 2 * maxVarintLength);
  let at = 0;
  for (; dtUs > maxDt; dtUs -= maxDt) at = writeVarint(0, out, writeVarint(maxDt, out, at));
  for (let from = 0; from === 0 || from < chunk.length; from += recordLimit) {
    const piece = chunk.subarray(from, from + recordLimit);
    at = writeVarint(piece.length, out, writeVarint(from === 0 ? dtUs : 0, out, at));
    out.set(piece, at);
    at += piece.length;
  }
  return out.subarray(0, at);
}

/** The record that says that the link was opened again. `dtUs` is a whole number. */
export function encodeNewLink(dtUs: number): Uint8Array {
  const filler = encodeRecords(dtUs, new Uint8Array(0));
  const record = new Uint8Array(filler.length + maxVarintLength);
  record.set(filler);
  // The filler ends with the length 0, one byte, in whose place the other length goes.
  return record.subarray(0, writeVarint(newLink, record, filler.length - 1));
}

const cursor = new VarintCursor();

/**
 * Reads the record at `at` of `bytes[0 .. end)` into `record`, whose `arrivalUs` is that of the record before. Returns
 * the place after it, or -1 when the bytes end inside it. Throws CaptureError when it is longer than allowed.
 */
export function decodeRecord(bytes: Uint8Array, at: number, end: number, record: CaptureRecord): number {
  cursor.begin(bytes, at, end);
  const dt = cursor.next();
  const length = cursor.failed ? 0 : cursor.next();
  if (cursor.failed) {
    if (end - at < 2 * maxVarintLength) return -1;
    throw new CaptureError('the capture is damaged: a record begins with an impossible number');
  }
  record.newLink = length === newLink;
  const taken = record.newLink ? 0 : length;
  if (taken > recordLimit) throw new CaptureError(`the capture is damaged: a record claims ${length} bytes`);
  if (cursor.at + taken > end) return -1;
  record.arrivalUs += dt;
  record.bytes = bytes.subarray(cursor.at, cursor.at + taken);
  return cursor.at + taken;
}
