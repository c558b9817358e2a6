/** Where labelled windows come from: recordings, captures or the simulator, named on the command line. */
import { CONTACT_KINDS, type ContactKind, type Geometry, neutouchB } from '../../devices/index.js';
import { type Dataset, type InputSpec, NetworkError, readRecordings } from '../../models/index.js';
import { defaultWindow } from '../config/index.js';
import { policyFromConfig } from '../window/from-config.js';
import type { OnsetSpec } from '../window/policies.js';
import { readCaptures } from './captures.js';
import { simulatedDataset } from './simulated.js';
import { SLIP_LEAD_US, slipDataset, slipShape } from './slip.js';

/** Help text of every option that names a data source. */
export const dataHelp =
  'directory or .zip of sample_<i>_label_<k>.npy, directory of <name>_label_<label>.capture (or .tact, .csv, .mat, .aedat), or simulator[:seed=7,count=140,fingers=2,kinds=press+tap] or simulator:task=slip[,...]';

export interface SourceOptions {
  /** Bins of a window; recordings bring their own number. Default: 150 for the slip task, else 50. */
  readonly bins?: number;
  /** Default: 1000 for the slip task, else 20,000. */
  readonly binUs?: number;
  /** Sensor that is simulated. Default: NeuTouch. */
  readonly geometry?: Geometry;
  /** Taxels of the sensor that was captured. Default: those of the geometry. */
  readonly taxels?: number;
  /** Called with the share that is done, 0..1. */
  readonly onProgress?: (done: number) => void;
}

export interface SimulatorSource {
  /** contacts: which kind of contact is it? slip: does the held object give way? */
  readonly task: 'contacts' | 'slip';
  /** Fingers that hold the object; 2 have the channels 0, 1 and 2, 3. */
  readonly fingers: 1 | 2;
  readonly seed: number;
  readonly count: number;
  /** Kinds of contact; the slip task has its own. */
  readonly kinds: readonly ContactKind[];
}

const contactShape = { bins: 50, binUs: 20_000 } as const;

/** The windowing that simulated and captured touch is cut with: the default of every pipeline. */
export const datasetPolicy = policyFromConfig(defaultWindow) as OnsetSpec;

/** How windows of this source are cut, for the provenance of a model. */
export function windowing(source: string): Record<string, string | number> {
  return parseSimulator(source)?.task === 'slip'
    ? { kind: 'strain', leadUs: SLIP_LEAD_US }
    : { ...datasetPolicy };
}

/** Reads or makes the data that `source` names. Throws `NetworkError` that says what is wrong with it. */
export async function readDataset(source: string, options: SourceOptions): Promise<Dataset> {
  const simulator = parseSimulator(source);
  const shape = simulator?.task === 'slip' ? slipShape : contactShape;
  const { bins = shape.bins, binUs = shape.binUs, geometry = neutouchB, onProgress = () => {} } = options;
  if (simulator !== undefined) {
    const { task, count } = simulator;
    const simulated = {
      ...simulator,
      geometry,
      input: { bins, binUs },
      onProgress: (done: number) => onProgress(done / count),
    };
    return task === 'slip'
      ? slipDataset(simulated)
      : simulatedDataset({ ...simulated, policy: datasetPolicy });
  }
  const { taxels = geometry.taxels.length } = options;
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

const simulatorKeys: readonly string[] = ['task', 'fingers', 'seed', 'count', 'kinds'];

/** `simulator[:key=value,...]`, or undefined for anything that is not the simulator. Throws `NetworkError`. */
export function parseSimulator(source: string): SimulatorSource | undefined {
  const [name, settings = ''] = source.split(/:(.*)/s);
  if (name !== 'simulator') return undefined;
  const given = new Map<string, string>();
  for (const setting of settings.split(',').filter((part) => part !== '')) {
    const [key, value = ''] = setting.split(/=(.*)/s);
    if (!simulatorKeys.includes(key!))
      throw new NetworkError(
        `simulator: unknown setting "${key}"; there are ${simulatorKeys.slice(0, -1).join(', ')} and ${simulatorKeys.at(-1)}`,
      );
    given.set(key!, value);
  }
  const task = oneOf('task', given.get('task') ?? 'contacts', ['contacts', 'slip'] as const);
  const fingers = oneOf('fingers', given.get('fingers') ?? '1', ['1', '2'] as const);
  const seed = wholeNumber('seed', given.get('seed') ?? '1');
  const count = wholeNumber('count', given.get('count') ?? '140');
  const kinds = given.get('kinds');
  if (count < 1 || count > 1_000_000)
    throw new NetworkError(`simulator: count ${count} is not within 1..1000000`);
  if (task === 'slip' && kinds !== undefined)
    throw new NetworkError('simulator: the slip task has kinds of its own; leave kinds out');
  return {
    task,
    fingers: fingers === '2' ? 2 : 1,
    seed,
    count,
    kinds: kinds === undefined ? CONTACT_KINDS : contactKinds(kinds),
  };
}

function oneOf<T extends string>(key: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new NetworkError(`simulator: ${key} must be ${choices.join(' or ')}, not "${text}"`);
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
