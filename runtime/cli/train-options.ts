/** The options of `whorl train`; a recipe has the same. */
import { type Command, Option } from 'commander';
import { dataHelp } from '../dataset/source.js';
import { checkedBy, integer, integers, modelName, number, optionHelp } from './options.js';
import { schedule, taxelGraph } from './train-spec.js';

export interface TrainOptions {
  readonly recipe?: string;
  readonly data?: string;
  readonly test?: string;
  readonly out: string;
  readonly name: string;
  readonly modelVersion: string;
  readonly bins: number;
  readonly binMs: number;
  readonly geometry: string;
  readonly graph: string;
  readonly order: string;
  readonly temporal: 'sparse' | 'dense';
  readonly branches: 'both' | 'time' | 'location';
  readonly conv: number;
  readonly hops: number;
  readonly hidden: number[];
  readonly epochs: number;
  readonly batch: number;
  readonly loss: 'mse' | 'cross-entropy';
  readonly optimiser: 'adam' | 'adamw';
  readonly amsgrad: boolean;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly schedule: string;
  readonly validation: number;
  readonly temperature: number;
  readonly seed: number;
  readonly selfTest: number;
}

/** Adds them to the command. */
export function trainOptions(command: Command): Command {
  return command
    .option(
      '-r, --recipe <file>',
      'JSON file of these options by their long names; what stands on the command line wins',
    )
    .option('-d, --data <data>', dataHelp)
    .option('--test <data>', 'data to measure the finished model on, kept out of training')
    .option('-o, --out <file>', 'model file to write', 'model.safetensors')
    .option('--name <name>', optionHelp.name, modelName, 'model')
    .option('--model-version <version>', 'version of the model', '1')
    .option('--bins <n>', 'bins of a window (simulator and captures)', integer(1, 65_536), 50)
    .option('--bin-ms <ms>', 'length of a bin', number(0.001, 60_000), 20)
    .option('--geometry <name>', optionHelp.geometry, 'neutouch-b')
    .option(
      '--graph <graph>',
      'taxel graph: mst, delaunay, knn:<k> or radius:<mm>',
      checkedBy((text) => taxelGraph(text, [])),
      'mst',
    )
    .option(
      '--order <order>',
      'order in which the location branch visits the taxels: one of the geometry',
      'row',
    )
    .addOption(
      new Option('--temporal <graph>', 'graph over the bins').choices(['sparse', 'dense']).default('sparse'),
    )
    .addOption(
      new Option('--branches <branches>', 'branches of the network')
        .choices(['both', 'time', 'location'])
        .default('both'),
    )
    .option('--conv <n>', 'channels of the graph convolutions', integer(1, 4096), 64)
    .option('--hops <n>', 'hops of the graph convolutions', integer(0, 16), 3)
    .option(
      '--hidden <widths>',
      'widths of the dense layers in between, e.g. 128,256',
      integers(1),
      [128, 256],
    )
    .option('--epochs <n>', 'passes over the data', integer(1, 100_000), 20)
    .option('--batch <n>', 'windows an update', integer(1, 65_536), 8)
    .addOption(
      new Option('--loss <loss>', 'loss on the output rates')
        .choices(['mse', 'cross-entropy'])
        .default('mse'),
    )
    .addOption(new Option('--optimiser <optimiser>', 'optimiser').choices(['adam', 'adamw']).default('adam'))
    .option('--no-amsgrad', 'without the AMSGrad maximum of second moments')
    .option('--learning-rate <rate>', 'learning rate', number(0, 10), 1e-3)
    .option('--weight-decay <rate>', 'weight decay', number(0, 10), 0)
    .option(
      '--schedule <steps>',
      'factors on the learning rate from an epoch on, e.g. 40:0.1,80:0.1',
      checkedBy(schedule),
      '',
    )
    .option(
      '--validation <share>',
      'share of every class held out to choose the best epoch',
      number(0, 0.9),
      0.1,
    )
    .option('--temperature <t>', 'scores are softmax(rate / temperature)', number(1e-3, 1000), 0.1)
    .option('--seed <n>', 'seed of weights, split and order', integer(0), 1)
    .option('--self-test <n>', 'windows that the file carries with their expected counts', integer(0, 64), 8);
}
