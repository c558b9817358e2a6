/** A stream of the event engine: every stack, bin by bin, each in the cheapest exact way that its layers allow. */

import { inverse } from '../../../network/scan-input.js';
import { type NetworkSpec, type StackName, scanSteps, stepInput } from '../../../network/spec.js';
import { windowFromCells } from '../../../network/window.js';
import type { Answer, Stream } from '../../engine.js';
import type { EventBranch } from '../branch.js';
import { type EventNetwork, scanWindow } from '../scan-window.js';
import {
  canStreamLocation,
  LocationStream,
  type UntouchedLocation,
  untouchedLocation,
} from './location-stream.js';
import { FusedStream, SrmStream } from './srm-stream.js';
import { TimeStream } from './time-stream.js';
import { Touch } from './touch.js';

/** What the streams of a network share. */
export interface StreamParts {
  readonly network: EventNetwork;
  /** Absent when the location branch cannot be streamed exactly and is recomputed instead. */
  readonly untouched: UntouchedLocation | undefined;
}

export function streamParts(network: EventNetwork): StreamParts {
  const location = network.stacks.find(({ name }) => name === 'location');
  const streams = location?.kind === 'lif' && canStreamLocation(location) && canFuse(network);
  return { network, untouched: streams ? untouchedLocation(location) : undefined };
}

/** A stack during the touch. */
export interface StackStream {
  readonly name: StackName;
  /** Answer so far, zeros after. */
  readonly counts: Uint32Array;
  /** Back to the untouched window. */
  reset(): void;
  /**
   * Takes a bin: the next one, or more cells of one taken before.
   * @param fresh cells that are new in the bin, taxel * channels + channel, ascending
   */
  take(bin: number, fresh: readonly number[]): void;
}

export class EventStream implements Stream {
  readonly #touch: Touch;
  readonly #streams: readonly StackStream[];
  /** Stacks that are recomputed over the window so far. */
  readonly #slow: EventNetwork;

  constructor(parts: StreamParts) {
    const { spec, stacks } = parts.network;
    this.#touch = new Touch(spec.input);
    const streams: StackStream[] = [];
    for (const stack of stacks) {
      const stream = canFuse(parts.network) ? this.#createStream(stack, parts, streams) : undefined;
      if (stream !== undefined) streams.push(stream);
    }
    this.#streams = streams;
    this.#slow = {
      spec,
      stacks: stacks.filter(({ name }) => !streams.some((stream) => stream.name === name)),
    };
  }

  get bins(): number {
    return this.#touch.bins;
  }

  reset(): void {
    this.#touch.reset();
    for (const stream of this.#streams) stream.reset();
  }

  push(cells: ArrayLike<number>): Answer {
    const { bins } = this.#slow.spec.input;
    if (this.bins === bins)
      throw new RangeError(`the window is full (${bins} bins): reset the stream for the next one`);
    return this.#take(this.bins, cells);
  }

  revise(bin: number, cells: ArrayLike<number>): Answer {
    if (!(Number.isInteger(bin) && bin >= 0 && bin < this.bins)) {
      throw new RangeError(`bin ${bin} has not been taken yet; bins 0 to ${this.bins - 1} can be revised`);
    }
    return this.#take(bin, cells);
  }

  #take(bin: number, cells: ArrayLike<number>): Answer {
    const fresh = this.#touch.add(bin, cells);
    for (const stream of this.#streams) stream.take(bin, fresh);
    return this.#answer();
  }

  #createStream(
    stack: EventBranch,
    { network: { spec }, untouched }: StreamParts,
    before: readonly StackStream[],
  ): StackStream | undefined {
    if (stack.kind === 'srm') {
      if (stack.name === 'fused') return new FusedStream(stack, before as readonly SrmStream[]);
      return new SrmStream(stack, cellPlaces(spec, stack.name));
    }
    // Bins that are scanned in another order than they come in cannot be carried along.
    if (stack.name === 'time' && spec.time?.order === undefined) return new TimeStream(stack, this.#touch);
    if (stack.name === 'location' && untouched !== undefined)
      return new LocationStream(stack, untouched, cellPlaces(spec, stack.name));
    return undefined;
  }

  #answer(): Answer {
    const answer: { [S in StackName]?: { readonly counts: Uint32Array } } = {};
    for (const stream of this.#streams) answer[stream.name] = stream;
    if (this.#slow.stacks.length === 0) return answer;
    const window = windowFromCells(this.#slow.spec.input, this.#touch.cells());
    return { ...answer, ...scanWindow(this.#slow, window) };
  }
}

/** Whether the fused stack, if there is one, can follow its branches: it needs their spikes, not only their counts. */
function canFuse({ spec, stacks }: EventNetwork): boolean {
  return spec.fused === undefined || stacks.every(({ kind }) => kind === 'srm');
}

/** Where a branch meets a cell: at which scan step, and as which of its inputs. */
export interface CellPlaces {
  step(bin: number, cell: number): number;
  input(bin: number, cell: number): number;
}

function cellPlaces(spec: NetworkSpec, branch: 'time' | 'location' | 'fused'): CellPlaces {
  const name = branch === 'fused' ? 'location' : branch;
  const stepOf = inverse(spec[name]?.order, scanSteps(spec, name));
  if (name === 'time') return { step: (bin) => stepOf[bin]!, input: (_, cell) => cell };
  const { channels } = stepInput(spec, name);
  return {
    step: (_, cell) => stepOf[Math.floor(cell / channels)]!,
    input: (bin, cell) => bin * channels + (cell % channels),
  };
}
