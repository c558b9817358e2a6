/**
 * `.tact`, the raw event text of VT_SNN (Taunyazov et al., RSS 2020): a line an event, separated by spaces, no header.
 * Three columns: polarity (1 ON, 0 OFF), cell (1 .. 80), seconds; older files have four: polarity, cell, seconds,
 * nanoseconds. Cell c is taxel c - 1. Which of the two a file has is told by its first line.
 */
import type { EventBatch } from '../event.js';
import { ByteSource, type Chunks } from './byte-source.js';
import { formatSeconds, microsSince, parseSeconds, type SplitTime, splitTime } from './decimal.js';
import {
  BatchBuilder,
  originOf,
  type Recording,
  type RecordingAbout,
  RecordingError,
  type RecordingOutput,
  type RecordingWriter,
  sensorLost,
} from './recording.js';
import { TextOutput } from './text-output.js';

/** Receptor ids of the two fingers together. */
const tactCells = 80;

/** @param taxels number of cells, 80 when left out. Rejects with a RecordingError that names the line. */
export async function readTact(chunks: Chunks, taxels = tactCells): Promise<Recording> {
  const lines = new TactLines(new ByteSource(chunks));
  const first = await lines.next();
  const originS = originOf(first?.time.seconds ?? 0);
  return { about: { taxels, originS }, batches: batchesOf(first, lines, originS, taxels) };
}

interface TactEvent {
  readonly polarity: number;
  readonly cell: number;
  readonly time: SplitTime;
}

async function* batchesOf(
  first: TactEvent | undefined,
  lines: TactLines,
  originS: number,
  taxels: number,
): AsyncGenerator<EventBatch> {
  const builder = new BatchBuilder(taxels);
  for (let event = first; event !== undefined; event = await lines.next()) {
    const { cell, polarity, time } = event;
    if (cell < 1 || cell > taxels)
      throw new RecordingError(`line ${lines.number}: cell ${cell} is not within 1..${taxels}`);
    if (builder.add(microsSince(originS, time), cell - 1, polarity, () => `line ${lines.number}`))
      yield builder.take();
  }
  yield builder.take();
}

class TactLines {
  number = 0;
  private columns = 0;

  constructor(private readonly source: ByteSource) {}

  async next(): Promise<TactEvent | undefined> {
    for (;;) {
      const line = await this.source.line();
      if (line === undefined) return undefined;
      this.number++;
      const fields = line.trim().split(/\s+/);
      if (fields[0] !== '') return this.event(fields);
    }
  }

  private event(fields: readonly string[]): TactEvent {
    const fail = (what: string): never => {
      throw new RecordingError(`line ${this.number}: ${what}`);
    };
    this.columns ||= fields.length;
    if (fields.length !== this.columns || this.columns < 3 || this.columns > 4)
      fail(
        `has ${fields.length} columns: a .tact file has 3 (polarity, cell, seconds) or 4 (..., seconds, nanoseconds)`,
      );
    const [polarity, cell, seconds, nanos] = fields as [string, string, string, string | undefined];
    if (polarity !== '0' && polarity !== '1') fail(`polarity is "${polarity}", not 0 or 1`);
    if (!/^\d{1,6}$/.test(cell)) fail(`cell is "${cell}", not a number from 1`);
    const time = parseSeconds(seconds) ?? fail(`time is "${seconds}", not a number of seconds`);
    if (nanos === undefined) return { polarity: Number(polarity), cell: Number(cell), time };
    if (!/^\d{1,9}$/.test(nanos)) fail(`nanoseconds are "${nanos}", not a whole number below 10^9`);
    if (time.nanos !== 0) fail(`seconds are "${seconds}", not a whole number, though nanoseconds follow`);
    return {
      polarity: Number(polarity),
      cell: Number(cell),
      time: { seconds: time.seconds, nanos: Number(nanos) },
    };
  }
}

/** @param columns 3 or 4 */
export function writeTact(
  output: RecordingOutput,
  about: RecordingAbout,
  columns: 3 | 4 = 3,
): RecordingWriter {
  const lines = new TextOutput(output);
  return {
    async write({ tUs, taxel, polarity, length }) {
      for (let i = 0; i < length; i++) {
        const time = splitTime(about.originS, tUs[i]!);
        const when = columns === 3 ? formatSeconds(time) : `${time.seconds} ${time.nanos}`;
        lines.add(`${polarity[i]} ${taxel[i]! + 1} ${when}`);
      }
      await lines.flush();
    },
    async end() {
      return sensorLost(about, '.tact');
    },
  };
}
