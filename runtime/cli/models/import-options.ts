/** The options of `whorl models import`, and what they say about the network. */
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { locationOrder, neutouchPublished } from '../../../devices/index.js';
import {
  type CheckpointLayout,
  type CheckpointOptions,
  checkpointLayouts,
  type Edge,
} from '../../../models/index.js';
import { CliError, exitCodes } from '../exit.js';
import { identifier, integer, number, optionHelp } from '../options.js';

export interface ImportOptions {
  readonly from: CheckpointLayout;
  readonly out: string;
  readonly name?: string;
  readonly modelVersion: string;
  readonly labels?: string;
  readonly bins?: number;
  readonly binMs?: number;
  readonly branches?: 'both' | 'time' | 'location';
  readonly edges?: string;
  readonly temporal?: 'sparse' | 'dense';
  readonly order?: string;
}

/** Options that say something about a part of the network, and the networks that have none such. */
const without: Partial<Record<keyof ImportOptions, Partial<Record<CheckpointLayout, string>>>> = {
  branches: { tactilesgnet: 'has one branch' },
  edges: { 'hybrid-srm-fc': 'has no graphs' },
  temporal: { 'hybrid-srm-fc': 'has no graphs', tactilesgnet: 'has no graph over the bins' },
  order: { tactilesgnet: 'has no location branch' },
};

/** Adds them to the command. */
export function importOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--from <network>', 'published network that the checkpoint is of')
        .choices(checkpointLayouts)
        .makeOptionMandatory(),
    )
    .requiredOption('-o, --out <file>', 'model file to write')
    .option('--name <name>', `${optionHelp.name} (default: the network's)`, identifier)
    .option('--model-version <version>', 'version of the model', '1')
    .option('--labels <labels>', 'class names: a,b,c or a JSON file with a list (default: numbers)')
    .option('--bins <n>', 'bins of a window, where no tensor tells', integer(1, 65_536))
    .option('--bin-ms <ms>', 'length of a bin (default: 1 with 150 bins, else 20)', number(0.001, 60_000))
    .addOption(
      new Option('--branches <branches>', 'branches that answer (default: both)').choices([
        'both',
        'time',
        'location',
      ]),
    )
    .option(
      '--edges <file>',
      'taxel graph: a JSON file with a list of [from, to] data rows, counted from 0 (default: the published tree)',
    )
    .addOption(
      new Option('--temporal <graph>', 'graph over the bins (default: sparse)').choices(['sparse', 'dense']),
    )
    .option(
      '--order <order>',
      "order of the taxels: row, arch or whorl as published, or a JSON file with the published code's list of the numbers 1 to 39 (default: row)",
    );
}

/** What the options say about the network. Throws `CliError` for files that cannot be used and for options without effect. */
export async function checkpointOptions(options: ImportOptions): Promise<CheckpointOptions> {
  const { from, labels, bins, binMs, branches, edges, temporal, order } = options;
  for (const [option, networks] of Object.entries(without)) {
    const reason = networks[from];
    if (reason !== undefined && options[option as keyof ImportOptions] !== undefined)
      throw new CliError(`--${option}: ${from} ${reason}`, exitCodes.usage);
  }
  return {
    name: options.name ?? from,
    ...(labels === undefined ? {} : { labels: await readLabels(labels) }),
    ...(bins === undefined ? {} : { bins }),
    ...(binMs === undefined ? {} : { binUs: Math.round(binMs * 1000) }),
    ...(branches === undefined ? {} : { branches }),
    ...(edges === undefined
      ? {}
      : { taxelEdges: await readList('--edges', edges, isEdge, 'pairs [from, to] of rows') }),
    ...(temporal === undefined ? {} : { temporalGraph: temporal }),
    ...(order === undefined ? {} : { locationOrder: await readOrder(order) }),
  };
}

function readLabels(labels: string): Promise<string[]> | string[] {
  if (labels.endsWith('.json')) return readList('--labels', labels, isText, 'texts');
  return labels.split(',').map((label) => label.trim());
}

/** Rows in the order of their visit. */
async function readOrder(order: string): Promise<readonly number[]> {
  if (order === 'row' || order === 'arch' || order === 'whorl')
    return locationOrder(neutouchPublished, order);
  if (!order.endsWith('.json'))
    throw new CliError('--order: must be row, arch, whorl or a .json file', exitCodes.usage);
  const numbers = await readList('--order', order, isNumber, 'numbers');
  const rows = locationOrder(neutouchPublished, 'row');
  if (numbers.length !== rows.length || !rows.every((row) => numbers.includes(row + 1)))
    throw new CliError(
      `--order ${order}: must hold each of the numbers 1 to ${rows.length} once`,
      exitCodes.usage,
    );
  return numbers.map((number) => number - 1);
}

async function readList<T>(
  option: string,
  path: string,
  isItem: (item: unknown) => item is T,
  items: string,
): Promise<T[]> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (Array.isArray(value) && value.every(isItem)) return value;
  } catch (error) {
    throw new CliError(`${option} ${path}: ${(error as Error).message}`, exitCodes.usage);
  }
  throw new CliError(`${option} ${path}: must hold a JSON list of ${items}`, exitCodes.usage);
}

function isNumber(item: unknown): item is number {
  return typeof item === 'number';
}

function isText(item: unknown): item is string {
  return typeof item === 'string';
}

function isEdge(item: unknown): item is Edge {
  return Array.isArray(item) && item.length === 2 && item.every(Number.isInteger);
}
