import { type Command, InvalidArgumentError, Option } from 'commander';
import type { GridSize } from '../../devices/index.js';
import { convert } from '../convert/convert.js';
import { FORMATS, type Format } from '../convert/formats.js';
import { examples } from './examples.js';
import { integer, number } from './options.js';

interface Options {
  readonly from?: Format;
  readonly to?: Format;
  readonly taxels?: number;
  readonly size?: GridSize;
  readonly tickNs?: number;
  readonly finger?: 'a' | 'b';
  readonly binMs: number;
  readonly bins?: number;
  readonly label?: number;
}

export function define(command: Command): void {
  command
    .argument('<in>', 'file, folder of recordings, folder of a recorded sensor, or .zip of npy windows')
    .argument('<out>', 'file, or a folder for several (then with --to)')
    .addOption(new Option('--from <format>', 'format of the input; default: by its ending').choices(FORMATS))
    .addOption(new Option('--to <format>', 'format of the output; default: by its ending').choices(FORMATS))
    .option(
      '--taxels <n>',
      'number of taxels, where the input does not tell it (.tact: 80)',
      integer(1, 65_536),
    )
    .option('--size <w>x<h>', 'pixels of AEDAT; taxel = y * width + x', gridSize)
    .option('--tick-ns <ns>', 'tick of the sensor of a capture that does not tell it', integer(1, 1e9))
    .addOption(
      new Option('--finger <finger>', 'one NeuTouch finger of a recording of 80 cells').choices(['a', 'b']),
    )
    .option('--bin-ms <ms>', 'length of a bin of npy', number(0.001, 1e6), 20)
    .option('--bins <n>', 'bins of a window of npy that is written (250)', integer(1, 1e6))
    .option(
      '--label <k>',
      'class of npy windows whose recording has no _label_<k> in its name',
      integer(0, 1023),
    )
    .addHelpText(
      'after',
      `
capture  raw bytes of a sensor with arrival times, as whorl record writes them
tact     VT_SNN event text: polarity cell seconds; tact4: seconds and nanoseconds apart
mat      MATLAB 5 file of ST-MNIST, variable spiketrain
aedat    AEDAT 3.1, polarity events
csv      t_us,taxel,polarity (read: t_us, t_ns or t_s, in any order)
npy      windows of bins, sample_<i>_label_<k>.npy, as Ev-Objects: a folder (read: or a .zip)
What a format cannot hold is said on standard error. Files are streamed: their size does not matter.`,
    )
    .action(run);
  examples(command, [
    ['whorl convert recordings/finger0 touch.csv', 'the newest run of a recorded sensor'],
    ['whorl convert mug_01.tact mug_01.capture --finger b', 'one finger of a VT_SNN recording, to replay'],
    ['whorl convert Ev-Objects-train.zip captures --to capture', 'each window a capture with its label'],
    ['whorl convert captures windows --to npy --bins 250', 'and back: labelled windows to train on'],
  ]);
}

async function run(input: string, output: string, { binMs, ...options }: Options): Promise<void> {
  const { events, recordings, path, notes } = await convert(input, output, {
    ...options,
    binUs: binMs * 1000,
  });
  for (const note of notes) console.error(`note: ${note}`);
  const read = recordings === 1 ? '' : ` of ${recordings} recordings`;
  console.log(`wrote ${path}: ${events} events${read}`);
}

function gridSize(text: string): GridSize {
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? [];
  if (width === undefined) throw new InvalidArgumentError('must be width and height, e.g. 128x128.');
  return { width: Number(width), height: Number(height) };
}
