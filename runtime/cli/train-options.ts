/** The options of `whorl train`; a recipe has the same. What is not given is that of the network (train-settings.ts). */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type LossName,
  lossNames,
  type OptimiserOptions,
  optimiserKinds,
  PUBLISHED_NAMES,
  type PublishedName,
  publishedNetwork,
} from '../../models/index.js';
import { dataHelp } from '../dataset/source.js';
import { orderHelp } from './location-order.js';
import { checkedBy, identifier, integer, integers, number, optionHelp } from './options.js';
import { schedule, scheduleText, taxelGraph } from './train-spec.js';

export interface TrainOptions {
  readonly recipe?: string;
  readonly data?: string;
  readonly test?: string;
  readonly out: string;
  readonly name: string;
  readonly modelVersion: string;
  readonly bins?: number;
  readonly binMs?: number;
  readonly geometry: string;
  readonly network: PublishedName;
  readonly graph?: string;
  readonly order?: string;
  readonly temporal?: 'sparse' | 'dense';
  readonly conv?: number;
  readonly hops?: number;
  readonly hidden?: number[];
  readonly epochs?: number;
  readonly batch?: number;
  readonly loss?: LossName;
  readonly optimiser?: OptimiserOptions['kind'];
  readonly amsgrad?: boolean;
  readonly learningRate?: number;
  readonly weightDecay?: number;
  readonly schedule?: string;
  readonly validation: number;
  readonly temperature?: number | 'fit';
  readonly psi?: number;
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
    .option('--name <name>', optionHelp.name, identifier, 'model')
    .option('--model-version <version>', 'version of the model', '1')
    .option('--bins <n>', 'bins of a window (simulator: 50, slip task 150; captures: 50)', integer(1, 65_536))
    .option('--bin-ms <ms>', 'length of a bin (20; slip task 1)', number(0.001, 60_000))
    .option('--geometry <name>', optionHelp.geometry, 'neutouch-b')
    .addOption(
      new Option('--network <network>', 'published network, see below; what follows is its own unless given')
        .choices(PUBLISHED_NAMES)
        .default('hybrid-lif-gnn'),
    )
    .option(
      '--graph <graph>',
      'taxel graph: mst (default), delaunay, knn:<k> or radius:<mm>',
      checkedBy((text) => taxelGraph(text, [])),
    )
    .option('--order <order>', orderHelp)
    .addOption(
      new Option('--temporal <graph>', 'graph over the bins, sparse by default').choices(['sparse', 'dense']),
    )
    .option('--conv <n>', 'channels of the graph convolutions', integer(1, 4096))
    .option('--hops <n>', 'hops of the graph convolutions', integer(0, 16))
    .option('--hidden <widths>', 'widths of the dense layers in between, e.g. 128,256', integers(1))
    .option('--epochs <n>', 'passes over the data', integer(1, 100_000))
    .option('--batch <n>', 'windows an update', integer(1, 65_536))
    .addOption(new Option('--loss <loss>', 'loss on the output spikes').choices(lossNames))
    .addOption(new Option('--optimiser <optimiser>', 'optimiser').choices(optimiserKinds))
    .option('--amsgrad', 'adam, adamw: with the AMSGrad maximum of second moments')
    .option('--no-amsgrad', 'without it')
    .option('--learning-rate <rate>', 'learning rate', number(0, 10))
    .option('--weight-decay <rate>', 'weight decay', number(0, 10))
    .option(
      '--schedule <steps>',
      'factors on the learning rate from an epoch on, e.g. 40:0.1,80:0.1',
      checkedBy(schedule),
    )
    .option(
      '--validation <share>',
      'share of every class held out to choose the best epoch',
      number(0, 0.9),
      0.1,
    )
    .option(
      '--temperature <t>',
      'scores are softmax(rate / temperature); fit: as the held-out windows say (default: 0.1 LIF, 0.02 spike response)',
      temperatureOrFit,
    )
    .option(
      '--psi <psi>',
      'during the touch, how late the location branch is believed; 0: at once',
      number(0, 1000),
    )
    .option('--seed <n>', 'seed of weights, split and order', integer(0), 1)
    .option('--self-test <n>', 'windows that the file carries with their expected counts', integer(0, 64), 8)
    .addHelpText('after', () => `\nNetworks:\n${PUBLISHED_NAMES.map(networkHelp).join('\n')}`);
}

/** Parser of `--temperature`. */
function temperatureOrFit(text: string): number | 'fit' {
  if (text === 'fit') return text;
  const temperature = Number(text);
  if (!(temperature >= 1e-3 && temperature <= 1000))
    throw new InvalidArgumentError('must be a number from 0.001 to 1000, or fit.');
  return temperature;
}

function networkHelp(name: PublishedName): string {
  const { about, hidden, training } = publishedNetwork(name);
  const { loss, optimiser, batchSize, epochs, schedule: steps } = training;
  const rate = `${optimiser.kind} ${optimiser.learningRate}${optimiser.weightDecay ? `, decay ${optimiser.weightDecay}` : ''}`;
  const facts = [
    hidden.length === 0 ? 'no hidden layer' : `hidden ${hidden}`,
    loss.name,
    `${rate}${Object.keys(steps).length === 0 ? '' : ` (${scheduleText(steps)})`}`,
    `batch ${batchSize}`,
    `${epochs} epochs`,
  ];
  return `  ${name}\n      ${about}\n      ${facts.join(', ')}`;
}
