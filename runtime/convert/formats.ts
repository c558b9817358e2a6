/** The formats of recordings: which there are, which a path has, and how a file of one is opened as events. */
import { createReadStream } from 'node:fs';
import {
  type Calibration,
  CaptureError,
  type CaptureHeader,
  CaptureSequence,
  type Driver,
  type GridSize,
  type Recording,
  RecordingError,
  readAedat,
  readCapture,
  readCsv,
  readMat5,
  readTact,
  tefDriver,
} from '../../devices/index.js';
import { driverSchema } from '../config/index.js';
import { driverOf } from '../sensor-driver.js';

/** What can be read and written. `tact4` is .tact with seconds and nanoseconds apart; reading finds that out. */
export const FORMATS = ['capture', 'tact', 'tact4', 'mat', 'aedat', 'csv', 'npy'] as const;
export type Format = (typeof FORMATS)[number];

/** Formats of which a file is a stream of events; npy is windows of bins. */
export type EventFormat = Exclude<Format, 'npy'>;

/** The format that a file name's ending stands for, or undefined. */
export function formatOf(path: string): Format | undefined {
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  return FORMATS.find((format) => format === ending && format !== 'tact4');
}

/** The ending of a format's files. */
export function endingOf(format: Format): string {
  return format === 'tact4' ? 'tact' : format;
}

export interface ReadOptions {
  /** Number of taxels, for formats that do not tell it; those that do are not contradicted. */
  readonly taxels?: number | undefined;
  readonly size?: GridSize | undefined;
  /** Tick of the sensor's clock, for captures that do not tell it. */
  readonly tickNs?: number | undefined;
}

/** A recording that is open. `close` it, whether or not it was read to its end. */
export interface OpenRecording extends Recording {
  close(): Promise<void>;
}

/**
 * Opens a file, or a folder of captures. Errors of reading name the file, the place in it, and what is wrong: as
 * RecordingError, CaptureError or the system's error.
 */
export async function openRecording(
  path: string,
  format: EventFormat,
  options: ReadOptions = {},
): Promise<OpenRecording> {
  if (format === 'capture') return openCapture(path, options);
  const stream = createReadStream(path);
  const close = async (): Promise<void> => {
    stream.destroy();
  };
  try {
    const recording = await read(stream, format, options);
    return { ...recording, batches: named(path, recording.batches), close };
  } catch (error) {
    stream.destroy();
    throw withName(path, error);
  }
}

function read(
  stream: AsyncIterable<Uint8Array>,
  format: EventFormat,
  options: ReadOptions,
): Promise<Recording> {
  const { taxels, size } = options;
  switch (format) {
    case 'mat':
      return readMat5(stream);
    case 'aedat':
      return readAedat(stream, size);
    case 'csv':
      return readCsv(stream, taxels);
    default:
      return readTact(stream, taxels);
  }
}

async function openCapture(path: string, options: ReadOptions): Promise<OpenRecording> {
  const capture = await CaptureSequence.open(path);
  const close = (): Promise<void> => capture.close();
  try {
    const recording = await readCapture(capture, driverFor(path, capture.header, options));
    return { ...recording, close };
  } catch (error) {
    await close();
    throw withName(path, error);
  }
}

/** The driver that a capture was made with; what it does not tell itself, the options do. */
function driverFor(path: string, { meta }: CaptureHeader, { taxels, tickNs }: ReadOptions): Driver {
  const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
  const tick = tickNs ?? number(meta['tickNs']);
  const count = taxels ?? number(meta['taxels']);
  const driver = driverSchema.safeParse(meta['driver'] ?? { kind: 'tef' });
  if (!driver.success)
    throw new CaptureError(
      `${path}: was recorded by a driver that is not known: ${JSON.stringify(meta['driver'])}`,
    );
  const ticks = tick === undefined ? {} : { tickNs: tick };
  if (driver.data.kind === 'tef')
    return tefDriver({ ...(count === undefined ? {} : { taxels: count }), ...ticks });
  return driverOf(
    { driver: driver.data, ...ticks },
    count ?? 0,
    meta['calibration'] as Calibration | undefined,
  );
}

/** The same stream, whose errors name the file. */
async function* named<T>(path: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw withName(path, error);
  }
}

function withName(path: string, error: unknown): unknown {
  return error instanceof RecordingError ? new RecordingError(`${path}: ${error.message}`) : error;
}
