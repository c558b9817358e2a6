/** Recordings from one format to another, as streams: memory does not grow with the file. */
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type GridSize,
  type RecordingAbout,
  RecordingError,
  type RecordingOutput,
  type RecordingWriter,
  writeAedat,
  writeCapture,
  writeCsv,
  writeMat5,
  writeTact,
} from '../../devices/index.js';
import { fingerOf } from './finger.js';
import { type EventFormat, endingOf, type Format, formatOf, type OpenRecording } from './formats.js';
import { type Item, type ItemOptions, itemsAt } from './items.js';
import { writeNpyWindows } from './npy-windows.js';
import { OutputFile } from './output.js';

export interface ConvertOptions extends ItemOptions {
  readonly to?: Format | undefined;
  /** One NeuTouch finger of a recording of both. */
  readonly finger?: 'a' | 'b' | undefined;
  /** Bins of a window of npy. */
  readonly bins?: number | undefined;
  /** Class of npy windows whose recordings do not tell one in their names. */
  readonly label?: number | undefined;
}

export interface Converted {
  readonly events: number;
  /** Recordings that were read. */
  readonly recordings: number;
  /** Where they are now. */
  readonly path: string;
  /** What was of no use in the input, and what the output cannot hold; each is told once. */
  readonly notes: readonly string[];
}

/** Bins of a window of Ev-Objects. */
const defaultBins = 250;

/**
 * Converts the recordings at `input` into a file or a folder at `output`. Rejects with RecordingError, CaptureError,
 * NetworkError or the system's error; a file that could not be finished is not left behind.
 */
export async function convert(input: string, output: string, options: ConvertOptions): Promise<Converted> {
  const named = formatOf(output);
  const to = options.to ?? named;
  if (to === undefined)
    throw new RecordingError(
      `${output}: the ending tells no format: name it with --to, then ${output} is a folder`,
    );
  if (named === 'npy')
    throw new RecordingError(`${output}: npy windows are written into a folder: name one, with --to npy`);
  const intoFolder = named === undefined;
  const { items, many } = await itemsAt(input, options, intoFolder && to !== 'npy');
  if (many && !intoFolder)
    throw new RecordingError(
      `${input}: has ${items.length} recordings: name a folder for them, with --to ${to}`,
    );
  if (to === 'npy') return toWindows(items, output, options);
  const notes = new Set<string>();
  let events = 0;
  if (intoFolder) await mkdir(output, { recursive: true });
  for (const item of items) {
    const path = intoFolder ? join(output, `${item.name}.${endingOf(to)}`) : output;
    events += await toFile(item, path, to, options, notes);
  }
  return { events, recordings: items.length, path: output, notes: [...notes] };
}

async function toFile(
  item: Item,
  path: string,
  to: EventFormat,
  options: ConvertOptions,
  notes: Set<string>,
): Promise<number> {
  if (await isSame(item.path, path))
    throw new RecordingError(`${path}: is the input itself: name another output`);
  const recording = await opened(item, options);
  try {
    const file = await OutputFile.create(path);
    try {
      const events = await pour(recording, writerFor(to, file, recording.about, item), notes);
      await file.keep();
      return events;
    } catch (error) {
      await file.discard();
      throw error;
    }
  } finally {
    await recording.close();
  }
}

/** The recording as it is to be written: one finger of it, with what the options tell of the sensor. */
async function opened(item: Item, { finger, taxels, size }: ConvertOptions): Promise<OpenRecording> {
  const recording = await item.open();
  const chosen = finger === undefined ? recording : fingerOf(recording, finger);
  const known = chosen.about.taxels ?? taxels ?? (size === undefined ? undefined : size.width * size.height);
  const about: RecordingAbout = {
    ...chosen.about,
    ...(known === undefined ? {} : { taxels: known }),
    ...sizeOf(chosen.about, size),
  };
  return { ...chosen, about };
}

function sizeOf(about: RecordingAbout, size: GridSize | undefined): { size?: GridSize } {
  if (size !== undefined) return { size };
  return about.size === undefined ? {} : { size: about.size };
}

function writerFor(
  to: EventFormat,
  output: RecordingOutput,
  about: RecordingAbout,
  { name }: Item,
): RecordingWriter {
  switch (to) {
    case 'capture':
      return writeCapture(output, about, { meta: { convertedFrom: name } });
    case 'tact':
      return writeTact(output, about, 3);
    case 'tact4':
      return writeTact(output, about, 4);
    case 'mat':
      return writeMat5(output, about);
    case 'aedat':
      return writeAedat(output, about);
    case 'csv':
      return writeCsv(output, about);
  }
}

/** Every event from one to the other; resolves to how many. */
async function pour(recording: OpenRecording, writer: RecordingWriter, notes: Set<string>): Promise<number> {
  let events = 0;
  for await (const batch of recording.batches) {
    events += batch.length;
    await writer.write(batch);
  }
  for (const note of [...(recording.notes?.() ?? []), ...(await writer.end())]) notes.add(note);
  return events;
}

async function toWindows(
  items: readonly Item[],
  folder: string,
  options: ConvertOptions,
): Promise<Converted> {
  const { bins = defaultBins, binUs, label = 0 } = options;
  const names = [...new Set(items.flatMap((item) => item.label ?? []))].sort();
  const numbered = names.every((name) => /^\d+$/.test(name));
  const notes = new Set<string>();
  if (!numbered)
    notes.add(`labels of npy are numbers: ${names.map((name, i) => `${i} is ${name}`).join(', ')}`);
  let [events, first] = [0, 0];
  for (const item of items) {
    const recording = await opened(item, options);
    try {
      const own =
        item.label === undefined ? label : numbered ? Number(item.label) : names.indexOf(item.label);
      const writer = writeNpyWindows(folder, recording.about, { bins, binUs, label: own, first });
      events += await pour(recording, writer, notes);
      first += writer.written;
    } finally {
      await recording.close();
    }
  }
  return { events, recordings: items.length, path: folder, notes: [...notes] };
}

async function isSame(input: string, output: string): Promise<boolean> {
  if (resolve(input) === resolve(output)) return true;
  const [one, other] = await Promise.all([input, output].map((path) => stat(path).catch(() => undefined)));
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
}
