import { FlexitacDecoder } from '../codec/matrix/flexitac.js';
import { MatrixTextDecoder, type MatrixTextOptions } from '../codec/matrix/text.js';
import type { Driver } from '../session/driver.js';
import { frameDriver, type LevelOptions } from './frame-driver.js';

/** `flexitac`: binary frames; `vitac`: the text of 3D-ViTac; `text`: text of any sketch, as the other keys say. */
export const matrixFormats = ['flexitac', 'vitac', 'text'] as const;
export type MatrixFormat = (typeof matrixFormats)[number];

export interface MatrixDriverOptions extends LevelOptions {
  readonly format: MatrixFormat;
  /** rows * columns is at most 4096. */
  readonly rows: number;
  readonly columns: number;
  /** Of format `text`: what ends a frame. Default `line`. */
  readonly terminator?: MatrixTextOptions['terminator'];
  /** Of format `text`: characters between two values. Default: space, tab, comma, semicolon. */
  readonly separators?: string;
  /** Of format `text`: what a line with values begins with. Default: nothing. */
  readonly prefix?: string;
}

/** 3D-ViTac: a line a row, each value followed by a space, an empty line after the last; values are bytes. */
const vitac = { terminator: 'blank-line', separators: ' ', max: 255 } as const;

/** The driver for taxel matrices on microcontrollers, which stream by themselves and have no clock. */
export function matrixDriver(options: MatrixDriverOptions): Driver {
  const { format, rows, columns, terminator = 'line', separators, prefix } = options;
  const ofSketch = {
    terminator,
    ...(separators === undefined ? {} : { separators }),
    ...(prefix === undefined ? {} : { prefix }),
  };
  const decoder =
    format === 'flexitac'
      ? new FlexitacDecoder(rows * columns)
      : new MatrixTextDecoder({ rows, columns, ...(format === 'vitac' ? vitac : ofSketch) });
  return frameDriver({ name: 'matrix', taxels: decoder.taxels, decoder }, options);
}
