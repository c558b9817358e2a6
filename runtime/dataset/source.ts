/** Where labelled windows come from: recordings, captures or the simulator, named on the command line. */
import { CONTACT_KINDS, type ContactKind, type Geometry, neutouchB } from '../../devices/index.js';
import { type Dataset, type InputSpec, NetworkError, readRecordings } from '../../models/index.js';
import { defaultWindow } from '../config/index.js';
import { policyFromConfig } from '../window/from-config.js';
import type { OnsetSpec } from '../window/policies.js';
import { readCaptures } from './captures.js';
import { simulatedDataset } from './simulated.js';

/** Help text of every option that names a data source. */
export const dataHelp =
  'directory or .zip of sample_<i>_label_<k>.npy, directory of <name>_label_<label>.capture (or .tact, .csv, .mat, .aedat), or simulator[:seed=7,count=140,kinds=press+tap]';

export interface SourceOptions {
  /** Bins of a window; recordings bring their own number. */
  readonly bins: number;
  readonly binUs: number;
  /** Sensor that is simulated. Default: NeuTouch. */
  readonly geometry?: Geometry;
  /** Taxels of the sensor that was captured. Default: those of the geometry. */
  readonly taxels?: number;
  /** Called with the share that is done, 0..1. */
  readonly onProgress?: (done: number) => void;
}

export interface SimulatorSource {
  readonly seed: number;
  readonly count: number;
  readonly kinds: readonly ContactKind[];
}

/** The windowing that simulated and captured touch is cut with: the default of every pipeline. */
export const datasetPolicy = policyFromConfig(defaultWindow) as OnsetSpec;

/** Reads or makes the data that `source` names. Throws `NetworkError` that says what is wrong with it. */
export async function readDataset(source: string, options: SourceOptions): Promise<Dataset> {
  const {
    bins,
    binUs,
    geometry = neutouchB,
    taxels = geometry.taxels.length,
    onProgress = () => {},
  } = options;
  const simulator = parseSimulator(source);
  if (simulator !== undefined) {
    const { count } = simulator;
    return simulatedDataset({
      ...simulator,
      geometry,
      input: { bins, binUs },
      policy: datasetPolicy,
      onProgress: (done) => onProgress(done / count),
    });
  }
  const captures = await readCaptures(source, { bins, binUs, taxels, channels: 2 }, datasetPolicy);
  return captures ?? readRecordings(source, binUs);
}

/**
 * The data that `source` names, with the labels of a network: matched by name, or by number where the data has only
 * numbers. Throws `NetworkError` when shapes or labels do not fit.
 */
export async function readDatasetFor(
  source: string,
  { input, labels }: { input: InputSpec; labels: readonly string[] },
  options: Partial<SourceOptions> = {},
): Promise<Dataset> {
  const { taxels, bins, binUs } = input;
  const data = await readDataset(source, { ...options, taxels, bins, binUs });
  if (data.windows.length === 0)
    throw new NetworkError(`${source} has no windows: no touch is strong enough to begin one`);
  const shape = (s: InputSpec): string => `${s.taxels} taxels, ${s.channels} channels and ${s.bins} bins`;
  if (shape(data.input) !== shape(input))
    throw new NetworkError(
      `${source} has windows of ${shape(data.input)}; the model looks at ${shape(input)}`,
    );
  const classes = data.labels.map((label) => classOf(label, labels));
  const unknown = data.targets.find((target) => classes[target] === undefined);
  if (unknown !== undefined) {
    throw new NetworkError(
      `${source} has the label "${data.labels[unknown]}", which the model does not know; it knows ${labels.join(', ')}`,
    );
  }
  return { ...data, input, labels, targets: data.targets.map((target) => classes[target]!) };
}

function classOf(label: string, labels: readonly string[]): number | undefined {
  const named = labels.indexOf(label);
  if (named >= 0) return named;
  const numbered = /^\d+$/.test(label) ? Number(label) : -1;
  return numbered >= 0 && numbered < labels.length ? numbered : undefined;
}

/** `simulator[:key=value,...]`, or undefined for anything that is not the simulator. Throws `NetworkError`. */
export function parseSimulator(source: string): SimulatorSource | undefined {
  const [name, settings = ''] = source.split(/:(.*)/s);
  if (name !== 'simulator') return undefined;
  let seed = 1;
  let count = 140;
  let kinds: readonly ContactKind[] = CONTACT_KINDS;
  for (const setting of settings.split(',').filter((part) => part !== '')) {
    const [key, value = ''] = setting.split(/=(.*)/s);
    if (key === 'seed') seed = wholeNumber(key, value);
    else if (key === 'count') count = wholeNumber(key, value);
    else if (key === 'kinds') kinds = contactKinds(value);
    else throw new NetworkError(`simulator: unknown setting "${key}"; there are seed, count and kinds`);
  }
  if (count < 1 || count > 1_000_000)
    throw new NetworkError(`simulator: count ${count} is not within 1..1000000`);
  return { seed, count, kinds };
}

function wholeNumber(key: string, text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isSafeInteger(value) || value < 0)
    throw new NetworkError(`simulator: ${key} must be a whole number, not "${text}"`);
  return value;
}

/** Each kind once: they become the labels of the data. */
function contactKinds(text: string): readonly ContactKind[] {
  const kinds = text.split('+').map((name) => {
    const kind = CONTACT_KINDS.find((known) => known === name);
    if (kind !== undefined) return kind;
    throw new NetworkError(`simulator: no kind of contact "${name}"; there are ${CONTACT_KINDS.join(', ')}`);
  });
  return [...new Set(kinds)];
}
