/** What there is to convert behind a path: one recording, or a folder of them. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { captureFiles, RecordingError } from '../../devices/index.js';
import { type Dataset, readRecordingFile, readRecordings } from '../../models/index.js';
import { recordedWindows } from '../dataset/touch.js';
import {
  type EventFormat,
  FORMATS,
  type Format,
  formatOf,
  type OpenRecording,
  openRecording,
  type ReadOptions,
} from './formats.js';

/** One recording that can be opened. */
export interface Item {
  /** Name without folder and ending. */
  readonly name: string;
  readonly path: string;
  /** The label in the name, `<anything>_label_<label>`. */
  readonly label?: string;
  open(): Promise<OpenRecording>;
}

export interface ItemOptions extends ReadOptions {
  readonly from?: Format | undefined;
  /** Length of a bin of npy files, which they do not tell. */
  readonly binUs: number;
}

export interface Items {
  readonly items: readonly Item[];
  /** They are one recording each, of a folder; false: `items` has one, which may be written to a file. */
  readonly many: boolean;
}

/**
 * The recordings behind a path: a file; a folder of captures of one sensor (its newest run); npy windows (a file, a
 * folder, a zip); or a folder of recordings of one format.
 * @param apart windows of npy are recordings of their own, not one laid end to end
 * Rejects with RecordingError for a path of which it cannot be told what it is.
 */
export async function itemsAt(path: string, options: ItemOptions, apart: boolean): Promise<Items> {
  const isFolder = (await stat(path)).isDirectory();
  const from =
    options.from ?? (path.endsWith('.zip') ? 'npy' : isFolder ? await formatIn(path) : formatOf(path));
  if (from === undefined)
    throw new RecordingError(`${path}: the ending tells no format: name it with --from ${FORMATS.join('|')}`);
  if (from === 'npy') return windowItems(path, isFolder, options, apart);
  if (!isFolder || (from === 'capture' && (await isRing(path))))
    return { items: [fileItem(path, from, options)], many: false };
  const names = (await readdir(path)).filter((name) => sameFormat(formatOf(name), from)).sort(byNumber);
  if (names.length === 0) throw new RecordingError(`${path}: has no files of format ${from}`);
  return { items: names.map((name) => fileItem(join(path, name), from, options)), many: true };
}

/** `sample_2` before `sample_10`. */
const byNumber = new Intl.Collator('en', { numeric: true }).compare;

function sameFormat(one: Format | undefined, other: Format): boolean {
  return one === other || (one === 'tact' && other === 'tact4');
}

async function isRing(folder: string): Promise<boolean> {
  return captureFiles(folder).then(
    () => true,
    () => false,
  );
}

/** The one format of the files in a folder. */
async function formatIn(folder: string): Promise<Format> {
  const names = await readdir(folder, { recursive: true });
  const found = [...new Set(names.map(formatOf).filter((format) => format !== undefined))];
  if (found.length === 1) return found[0]!;
  throw new RecordingError(
    found.length === 0
      ? `${folder}: has no recordings (files .${FORMATS.filter((format) => format !== 'tact4').join(', .')})`
      : `${folder}: has files of ${found.join(' and ')}: choose with --from`,
  );
}

function fileItem(path: string, format: EventFormat, options: ReadOptions): Item {
  const name = basename(path, extname(path));
  const label = /_label_(.+)$/.exec(name)?.[1];
  return {
    name,
    path,
    ...(label === undefined ? {} : { label }),
    open: () => openRecording(path, format, options),
  };
}

async function windowItems(
  path: string,
  isFolder: boolean,
  { binUs }: ItemOptions,
  apart: boolean,
): Promise<Items> {
  const data =
    isFolder || path.endsWith('.zip')
      ? await readRecordings(path, binUs)
      : readRecordingFile(path, await readFile(path), binUs);
  if (data.input.channels !== 2)
    throw new RecordingError(
      `${path}: has ${data.input.channels} polarities a taxel: a sensor has 2, ON and OFF`,
    );
  const open =
    (windows: Dataset): (() => Promise<OpenRecording>) =>
    async () =>
      windowsAsRecording(windows);
  if (!apart || data.windows.length === 1)
    return { items: [{ name: basename(path, extname(path)), path, open: open(data) }], many: false };
  const items = data.windows.map((window, i): Item => {
    const [target, name] = [data.targets[i]!, data.names[i]!];
    const one = { ...data, windows: [window], targets: [target], names: [name] };
    return {
      name: basename(name, '.npy'),
      path: `${path}: ${name}`,
      label: data.labels[target]!,
      open: open(one),
    };
  });
  return { items, many: true };
}

/** Windows end to end: window k begins at k times its length, an event stands in the middle of its bin. */
function windowsAsRecording(data: Dataset): OpenRecording {
  const { taxels, binUs } = data.input;
  const batches = (async function* () {
    yield* recordedWindows(data, data.windows.length);
  })();
  return {
    about: { taxels, originS: 0 },
    batches,
    notes: () => [
      `npy tells no times within a bin: each event stands in the middle of its ${binUs / 1000} ms`,
    ],
    close: async () => {},
  };
}
