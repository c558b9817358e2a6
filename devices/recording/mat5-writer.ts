import {
  type RecordingAbout,
  RecordingError,
  type RecordingOutput,
  type RecordingWriter,
  sensorLost,
} from './recording.js';

/** Where the numbers begin, and what depends on how many there are: see mat5.ts for the layout. */
const dataStart = 200;
const matrixBytesAt = 132;
const columnsAt = 164;
const dataBytesAt = 196;
const mostBytes = 0xffff_ffff;

/**
 * A `.mat` file as those of ST-MNIST, uncompressed: the number of events is filled in at the end. Throws RecordingError
 * when the number of taxels is not known.
 */
export function writeMat5(output: RecordingOutput, about: RecordingAbout): RecordingWriter {
  const { taxels, originS, sensor } = about;
  if (taxels === undefined)
    throw new RecordingError(
      'a .mat file has a row a taxel, and the input does not say how many: give --taxels',
    );
  const rows = taxels + 1;
  let events = 0;
  let begun: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    begun ??= output.write(headOf(rows));
    return begun;
  };
  return {
    async write({ tUs, taxel, polarity, length }) {
      await begin();
      events += length;
      if (dataStart + events * rows * 8 > mostBytes)
        throw new RecordingError(
          `a .mat file of ${rows} rows holds ${Math.floor((mostBytes - dataStart) / (rows * 8))} events, and there are more`,
        );
      const values = new DataView(new ArrayBuffer(length * rows * 8));
      for (let i = 0; i < length; i++) {
        const at = i * rows * 8;
        if (taxel[i]! >= taxels) throw new RecordingError(`taxel ${taxel[i]} is not within 0..${taxels - 1}`);
        values.setFloat64(at + taxel[i]! * 8, polarity[i] === 1 ? 1 : -1, true);
        values.setFloat64(at + taxels * 8, Math.round(tUs[i]! * 1000) / 1e9, true);
      }
      await output.write(new Uint8Array(values.buffer));
    },
    async end() {
      await begin();
      const bytes = events * rows * 8;
      await output.patch(matrixBytesAt, u32(dataStart - 136 + bytes));
      await output.patch(columnsAt, u32(events));
      await output.patch(dataBytesAt, u32(bytes));
      return [
        ...(originS === 0
          ? []
          : [`a .mat file does not hold the time of day: its times count from ${originS} s`]),
        ...sensorLost({ sensor }, 'a .mat file'),
      ];
    },
  };
}

function headOf(rows: number): Uint8Array {
  const head = Buffer.alloc(dataStart);
  head.write('MATLAB 5.0 MAT-file, written by whorl'.padEnd(124), 'latin1');
  head.writeUInt16LE(0x0100, 124);
  head.write('IM', 126, 'latin1');
  const words: readonly (readonly [at: number, value: number])[] = [
    [128, 14], // a matrix
    [136, 6], // flags: u32, 8 bytes, an array of doubles
    [140, 8],
    [144, 6],
    [152, 5], // dimensions: i32, 8 bytes
    [156, 8],
    [160, rows],
    [168, 1], // name: i8
    [172, 10],
    [192, 9], // numbers: double
  ];
  for (const [at, value] of words) head.writeUInt32LE(value, at);
  head.write('spiketrain', 176, 'latin1');
  return head;
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
