/** From the options of `whorl train` to all of its settings: what was not given is as the network was published. */
import { type Part, publishedNetwork, whyUseless } from '../../models/index.js';
import { CliError, exitCodes } from './exit.js';
import type { TrainOptions } from './train-options.js';
import { scheduleText } from './train-spec.js';

/** Options with a default of their network. */
type Trained =
  | 'hidden'
  | 'epochs'
  | 'batch'
  | 'loss'
  | 'optimiser'
  | 'learningRate'
  | 'weightDecay'
  | 'schedule';

export type TrainSettings = TrainOptions & Required<Pick<TrainOptions, Trained>>;

/** Options that only some networks have a use for. */
const parts: readonly (readonly [option: keyof TrainOptions, part: Part, standard?: string])[] = [
  ['conv', 'convolution'],
  ['hops', 'convolution'],
  ['graph', 'taxel graph', 'mst'],
  ['temporal', 'graph over the bins', 'sparse'],
  ['order', 'location order', 'row'],
  ['psi', 'time weighting'],
];

/**
 * All settings; options that the network has no use for stay away.
 * Throws `CliError` that names every option that was given and makes no sense for the network.
 */
export function settingsOf(options: TrainOptions): TrainSettings {
  const published = publishedSettings(options);
  const optimiser = options.optimiser ?? published.optimiser;
  const faults = parts.flatMap(([option, part]) => {
    const reason = options[option] === undefined ? undefined : whyUseless(options.network, part);
    return reason === undefined ? [] : [`--${option} is not for ${options.network}: ${reason}`];
  });
  if (options.amsgrad && optimiser === 'rmsprop') faults.push('--amsgrad is for adam and adamw, not rmsprop');
  if (faults.length > 0) throw new CliError(faults.join('\n'), exitCodes.usage);
  const { amsgrad, ...rest } = { ...published, ...options };
  return optimiser === 'rmsprop' ? rest : { ...rest, amsgrad: amsgrad ?? false };
}

/** The settings that were not given and come from the network, for people: `hidden 32, loss num-spikes, ...`. */
export function publishedText(options: TrainOptions): string {
  return Object.entries(publishedSettings(options))
    .filter(([option, value]) => options[option as keyof TrainOptions] === undefined && String(value) !== '')
    .map(([option, value]) => `${option.replace(/[A-Z]/, (c) => ` ${c.toLowerCase()}`)} ${value}`)
    .join(', ');
}

/** All options as the network was published. */
function publishedSettings({ network }: TrainOptions) {
  const { hidden, psi, training } = publishedNetwork(network);
  const { optimiser, loss, batchSize, epochs, schedule } = training;
  const standards = parts.flatMap(([option, part, standard]) =>
    standard === undefined || whyUseless(network, part) !== undefined ? [] : [[option, standard]],
  );
  return {
    ...(Object.fromEntries(standards) as Pick<TrainOptions, 'graph' | 'temporal' | 'order'>),
    hidden: [...hidden],
    ...(psi === undefined ? {} : { psi }),
    loss: loss.name,
    optimiser: optimiser.kind,
    ...(optimiser.amsgrad === undefined ? {} : { amsgrad: optimiser.amsgrad }),
    learningRate: optimiser.learningRate,
    weightDecay: optimiser.weightDecay ?? 0,
    batch: batchSize,
    epochs,
    schedule: scheduleText(schedule),
  };
}
