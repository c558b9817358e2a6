/**
 * The slip task in the shape of the published one: windows of 150 ms from the moment at which a held object is strained
 * by its weight. In half of them the grip tightens and holds, in half of them the object gives way.
 */
import {
  type Geometry,
  type MotionKind,
  type SequencedContact,
  simulateGrasps,
} from '../../devices/index.js';
import {
  cellIndex,
  type Dataset,
  type InputSpec,
  NetworkError,
  seededRandom,
  windowFromCells,
} from '../../models/index.js';
import { fingerList } from './simulated.js';

/** The published window: 150 bins of 1 ms. */
export const slipShape = { bins: 150, binUs: 1000 } as const;

/** A window begins this long before the strain at most, drawn evenly: nobody knows that moment to the millisecond. */
export const SLIP_LEAD_US = 30_000;

/** From the strain to the next contact there is at least this much time. */
const LONGEST_US = 1_000_000;

const labels = ['stable', 'slip'] as const;
const kinds: readonly MotionKind[] = ['hold', 'slip'];

export interface SlipOptions {
  readonly geometry: Geometry;
  readonly input: Pick<InputSpec, 'bins' | 'binUs'>;
  readonly seed: number;
  /** Windows; the two classes take turns at random, one of each in every two. */
  readonly count: number;
  /** Channels 0, 1 are of the first finger, 2, 3 of the one on the other side of the object. */
  readonly fingers: 1 | 2;
  readonly onProgress?: (done: number) => void;
}

/** Simulates `count` strained grips. Throws `NetworkError` for windows longer than 1 s. */
export function slipDataset(options: SlipOptions): Dataset {
  const { geometry, seed, count, fingers, onProgress } = options;
  const input: InputSpec = { ...options.input, taxels: geometry.taxels.length, channels: 2 * fingers };
  const lengthUs = input.bins * input.binUs;
  if (lengthUs > LONGEST_US)
    throw new NetworkError(
      `simulator: a window of the slip task is ${lengthUs / 1e6} s long; give ${LONGEST_US / 1e6} s at most`,
    );
  const random = seededRandom(seed);
  const found: { cells: number[]; contact: SequencedContact }[] = [];
  for (const felt of simulateGrasps({ geometry, seed, count, kinds }, fingerList(fingers))) {
    const contact = felt[0]!;
    const startUs = contact.startUs + contact.strainedUs! - Math.floor(random() * SLIP_LEAD_US);
    found.push({
      cells: felt.flatMap(({ events }, finger) => cellsOf(input, events, finger, startUs)),
      contact,
    });
    onProgress?.(contact.index + 1);
  }
  return {
    input,
    labels,
    windows: found.map(({ cells }) => windowFromCells(input, cells)),
    targets: found.map(({ contact }) => kinds.indexOf(contact.kind)),
    names: found.map(({ contact: { index, shape, kind } }) => `contact ${index} ${kind} ${shape}`),
  };
}

/** Cells of one finger's events from `startUs` to the end of the window. */
function cellsOf(
  input: InputSpec,
  { length, tUs, taxel, polarity }: SequencedContact['events'],
  finger: number,
  startUs: number,
): number[] {
  const cells: number[] = [];
  for (let i = 0; i < length; i++) {
    const bin = Math.floor((tUs[i]! - startUs) / input.binUs);
    if (bin >= 0 && bin < input.bins)
      cells.push(cellIndex(input, bin, taxel[i]!, 2 * finger + 1 - polarity[i]!));
  }
  return cells;
}
