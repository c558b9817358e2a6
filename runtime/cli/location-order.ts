/** `--order` of `whorl train`: the order in which a location branch visits the taxels. */
import { readFile } from 'node:fs/promises';
import { type Geometry, isPermutation, locationOrder } from '../../devices/index.js';
import { learnedOrder, randomOrder, type Touch } from '../../models/index.js';
import { CliError, exitCodes } from './exit.js';

export const orderHelp =
  'order in which the location branch visits the taxels: one of the geometry (row, arch, whorl, published-arch, published-whorl), random:<seed>, list:<file.json> or learned (from the data); row by default';

/** An order of taxels, or that it is to be learned from the training data. */
export type OrderChoice = readonly number[] | 'learned';

/**
 * The order that `name` stands for. Throws `CliError` that says what there is, or what is wrong with the file: a JSON
 * list of each taxel number 0 .. taxels-1 once.
 */
export async function readOrder(name: string, geometry: Geometry): Promise<OrderChoice> {
  const [kind, value = ''] = name.split(/:(.*)/s);
  if (name === 'learned') return name;
  if (kind === 'random') return randomOrder(geometry.taxels.length, seedOf(value));
  if (kind === 'list') return readList(value, geometry);
  try {
    return locationOrder(geometry, name);
  } catch (error) {
    throw wrong(`${(error as Error).message}; or random:<seed>, list:<file.json>, learned`);
  }
}

/** An order with the name that goes into the model's provenance, and what to say to people about it. */
export interface ChosenOrder {
  readonly name: string;
  readonly order: readonly number[];
  readonly note?: string;
}

/** The order of that name; where the data does not tell one, that of the rows, with the reason. */
export function chosenOrder(name: string, choice: OrderChoice, data: Touch): ChosenOrder {
  if (choice !== 'learned') return { name, order: choice };
  const order = learnedOrder(data);
  if (order !== undefined) return { name, order };
  return {
    name: 'row',
    order: Array.from({ length: data.input.taxels }, (_, taxel) => taxel),
    note: 'the data does not tell which taxels fire together; taking the order of the rows',
  };
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (text === '' || !Number.isSafeInteger(seed) || seed < 0)
    throw wrong(`the seed of a random order must be a whole number, as in random:7, not "${text}"`);
  return seed;
}

async function readList(path: string, geometry: Geometry): Promise<number[]> {
  const list = await readFile(path, 'utf8').then(
    (text): unknown => {
      try {
        return JSON.parse(text);
      } catch (error) {
        throw wrong(`${path}: ${(error as Error).message}`);
      }
    },
    (error: Error) => {
      throw wrong(`list:${path}: ${error.message}`);
    },
  );
  const taxels = geometry.taxels.length;
  if (Array.isArray(list) && isPermutation(list, taxels)) return list;
  throw wrong(`${path}: must be a JSON list that has each of 0 .. ${taxels - 1} once`);
}

function wrong(text: string): CliError {
  return new CliError(`--order: ${text}`, exitCodes.usage);
}
