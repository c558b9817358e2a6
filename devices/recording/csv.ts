/**
 * CSV with a header line: `t_us,taxel,polarity` as written here. Read are the columns by name, in any order and among
 * others: `t_us`, `t_ns` or `t_s`; `taxel` (from 0); `polarity` (1 or 0; -1 is OFF, too).
 */
import type { EventBatch } from '../event.js';
import { ByteSource, type Chunks } from './byte-source.js';
import {
  formatMicros,
  microsSince,
  parseMicros,
  parseSeconds,
  type SplitTime,
  splitTime,
} from './decimal.js';
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

const header = 't_us,taxel,polarity';

const timeColumns: Record<string, (text: string) => SplitTime | undefined> = {
  t_us: parseMicros,
  t_s: parseSeconds,
  t_ns: (text) => (/^\d+$/.test(text) ? parseMicros(`${text}e-3`) : undefined),
};

/** Rejects with a RecordingError that names the line. */
export async function readCsv(chunks: Chunks, taxels?: number): Promise<Recording> {
  const source = new ByteSource(chunks);
  const rows = new CsvRows(source, columnsOf((await source.line()) ?? ''));
  const first = await rows.next();
  const originS = originOf(first?.time.seconds ?? 0);
  return {
    about: { originS, ...(taxels === undefined ? {} : { taxels }) },
    batches: batchesOf(first, rows, originS, taxels),
  };
}

interface Columns {
  readonly time: number;
  readonly parse: (text: string) => SplitTime | undefined;
  readonly taxel: number;
  readonly polarity: number;
  readonly count: number;
}

function columnsOf(line: string): Columns {
  const names = line
    .replace(/^\ufeff|^\u00ef\u00bb\u00bf/, '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  const time = names.findIndex((name) => Object.hasOwn(timeColumns, name));
  const [taxel, polarity] = [names.indexOf('taxel'), names.indexOf('polarity')];
  if (time < 0 || taxel < 0 || polarity < 0)
    throw new RecordingError(
      `line 1: must name the columns t_us (or t_ns, t_s), taxel and polarity, as in ${header}; is "${line.slice(0, 80)}"`,
    );
  return { time, parse: timeColumns[names[time]!]!, taxel, polarity, count: names.length };
}

interface CsvEvent {
  readonly time: SplitTime;
  readonly taxel: number;
  readonly polarity: number;
}

class CsvRows {
  number = 1;

  constructor(
    private readonly source: ByteSource,
    private readonly columns: Columns,
  ) {}

  async next(): Promise<CsvEvent | undefined> {
    for (;;) {
      const line = await this.source.line();
      if (line === undefined) return undefined;
      this.number++;
      if (line.trim() !== '') return this.event(line.split(','));
    }
  }

  private event(fields: readonly string[]): CsvEvent {
    const { columns } = this;
    const fail = (what: string): never => {
      throw new RecordingError(`line ${this.number}: ${what}`);
    };
    if (fields.length !== columns.count)
      fail(`has ${fields.length} columns, the first line names ${columns.count}`);
    const field = (at: number): string => fields[at]!.trim();
    const time = columns.parse(field(columns.time)) ?? fail(`time is "${field(columns.time)}", not a number`);
    const taxel = field(columns.taxel);
    if (!/^\d{1,6}$/.test(taxel)) fail(`taxel is "${taxel}", not a whole number`);
    const polarity = field(columns.polarity);
    if (!/^(0|1|-1)$/.test(polarity)) fail(`polarity is "${polarity}", not 1, 0 or -1`);
    return { time, taxel: Number(taxel), polarity: polarity === '1' ? 1 : 0 };
  }
}

async function* batchesOf(
  first: CsvEvent | undefined,
  rows: CsvRows,
  originS: number,
  taxels: number | undefined,
): AsyncGenerator<EventBatch> {
  const builder = new BatchBuilder(taxels);
  for (let event = first; event !== undefined; event = await rows.next())
    if (
      builder.add(microsSince(originS, event.time), event.taxel, event.polarity, () => `line ${rows.number}`)
    )
      yield builder.take();
  yield builder.take();
}

export function writeCsv(output: RecordingOutput, about: RecordingAbout): RecordingWriter {
  const lines = new TextOutput(output);
  lines.add(header);
  return {
    async write({ tUs, taxel, polarity, length }) {
      for (let i = 0; i < length; i++)
        lines.add(`${formatMicros(splitTime(about.originS, tUs[i]!))},${taxel[i]},${polarity[i]}`);
      await lines.flush();
    },
    async end() {
      await lines.flush();
      return sensorLost(about, 'CSV');
    },
  };
}
