/** Recordings in memory, for tests of their formats. */

import {
  appendEvent,
  createEventBatch,
  type EventBatch,
  type Recording,
  type RecordingAbout,
  type RecordingOutput,
  type RecordingWriter,
} from '../../devices/index.js';
import * as fc from './fast-check.js';

/** [time in microseconds, taxel, polarity] */
export type Row = readonly [number, number, number];

/** Bytes that a writer has written. */
export class MemoryOutput implements RecordingOutput {
  private readonly pieces: Buffer[] = [];

  async write(bytes: Uint8Array): Promise<void> {
    this.pieces.push(Buffer.from(bytes));
  }

  async patch(at: number, bytes: Uint8Array): Promise<void> {
    const whole = Buffer.concat(this.pieces);
    whole.set(bytes, at);
    this.pieces.splice(0, this.pieces.length, whole);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }
}

export type OpenWriter = (output: RecordingOutput, about: RecordingAbout) => RecordingWriter;

/** Writes events in batches of `size`; resolves to the file and what was said of losses. */
export async function written(
  open: OpenWriter,
  about: RecordingAbout,
  rows: readonly Row[],
  size = 7,
): Promise<{ bytes: Buffer; notes: string[] }> {
  const output = new MemoryOutput();
  const writer = open(output, about);
  for (let from = 0; from < rows.length; from += size) {
    const batch = createEventBatch(size);
    for (const [tUs, taxel, polarity] of rows.slice(from, from + size))
      appendEvent(batch, tUs, taxel, polarity);
    await writer.write(batch);
  }
  const notes = await writer.end();
  return { bytes: output.bytes, notes };
}

/** All events of a recording, times since its origin. */
export async function rowsOf({ batches }: Recording): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of batches) rows.push(...rowsIn(batch));
  return rows;
}

function rowsIn({ length, tUs, taxel, polarity }: EventBatch): Row[] {
  return Array.from({ length }, (_, i) => [tUs[i]!, taxel[i]!, polarity[i]!] as const);
}

/** A file as a stream of pieces of this many bytes. */
export async function* piecesOf(bytes: Uint8Array, size = 64): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A file given as text. */
export function textFile(text: string, size?: number): AsyncGenerator<Uint8Array> {
  return piecesOf(Buffer.from(text, 'latin1'), size);
}

/**
 * Events in the order of time, some at the same time, on `taxels` taxels.
 * @param stepNs the grid of their times
 */
export function eventRows(taxels: number, stepNs: number): fc.Arbitrary<Row[]> {
  const gap = fc.oneof(fc.constant(0), fc.nat(20), fc.nat(3_000_000));
  return fc.array(fc.tuple(gap, fc.nat(taxels - 1), fc.nat(1)), { maxLength: 60 }).map((list) => {
    let ns = 0;
    return list.map(([dt, taxel, polarity]): Row => {
      ns += dt * stepNs;
      return [ns / 1000, taxel, polarity];
    });
  });
}
