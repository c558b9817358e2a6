/** A stream of the event engine: both branches, bin by bin, each in the cheapest exact way that its layers allow. */
import { scanInput } from '../../../network/scan-input.js';
import type { NetworkSpec } from '../../../network/spec.js';
import { windowFromCells } from '../../../network/window.js';
import type { Answer, Stream } from '../../engine.js';
import { type EventBranch, scanBranch } from '../branch.js';
import type { ActiveList } from '../kernels.js';
import { LocationStream, type UntouchedLocation } from './location-stream.js';
import { TimeStream } from './time-stream.js';

export interface StreamParts {
  readonly spec: NetworkSpec;
  readonly time: EventBranch | undefined;
  readonly location: EventBranch | undefined;
  /** Absent when the location branch cannot be streamed exactly and is recomputed instead. */
  readonly untouched: UntouchedLocation | undefined;
}

export class EventStream implements Stream {
  #bins = 0;
  /** Touch so far, [bins, taxels * channels], 0 or 1. */
  readonly #touch: Uint8Array;
  readonly #cellsPerBin: number;
  readonly #time: TimeStream | undefined;
  readonly #location: LocationStream | undefined;
  /** Branches that are recomputed over the window so far. */
  readonly #slow: readonly EventBranch[];
  readonly #active: ActiveList;
  /** Scan step of the location branch at which a taxel is visited. */
  readonly #stepOf: Uint32Array;

  constructor(private readonly parts: StreamParts) {
    const { spec, time, location, untouched } = parts;
    const { bins, taxels, channels } = spec.input;
    this.#cellsPerBin = taxels * channels;
    this.#touch = new Uint8Array(bins * this.#cellsPerBin);
    this.#active = { index: (time ?? location)!.kernels.indices(this.#cellsPerBin), count: 0 };
    // Bins that are scanned in another order than they come in cannot be carried along.
    if (time !== undefined && spec.time?.order === undefined) this.#time = new TimeStream(time);
    if (location !== undefined && untouched !== undefined)
      this.#location = new LocationStream(location, untouched);
    this.#slow = [
      this.#time === undefined ? time : undefined,
      this.#location === undefined ? location : undefined,
    ].filter((branch): branch is EventBranch => branch !== undefined);
    this.#stepOf = new Uint32Array(taxels);
    for (let step = 0; step < taxels; step++) this.#stepOf[spec.location?.order?.[step] ?? step] = step;
  }

  get bins(): number {
    return this.#bins;
  }

  reset(): void {
    this.#bins = 0;
    this.#touch.fill(0);
    this.#time?.reset();
    this.#location?.reset();
  }

  push(cells: ArrayLike<number>): Answer {
    const { bins } = this.parts.spec.input;
    if (this.#bins === bins)
      throw new RangeError(`the window is full (${bins} bins): reset the stream for the next one`);
    const bin = this.#bins++;
    this.#mark(bin, cells);
    this.#time?.push(this.#load(bin));
    this.#location?.add(bin, this.#loadForLocation(cells));
    return this.#answer();
  }

  revise(bin: number, cells: ArrayLike<number>): Answer {
    if (!(Number.isInteger(bin) && bin >= 0 && bin < this.#bins)) {
      throw new RangeError(`bin ${bin} has not been taken yet; bins 0 to ${this.#bins - 1} can be revised`);
    }
    this.#mark(bin, cells);
    this.#time?.revise(bin, (at) => this.#load(at));
    this.#location?.add(bin, this.#loadForLocation(cells));
    return this.#answer();
  }

  #mark(bin: number, cells: ArrayLike<number>): void {
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!;
      if (!(cell >= 0 && cell < this.#cellsPerBin))
        throw new RangeError(`cell ${cell} is not within a bin of ${this.#cellsPerBin}`);
      this.#touch[bin * this.#cellsPerBin + cell] = 1;
    }
  }

  /** Active inputs of the time branch at a bin. */
  #load(bin: number): ActiveList {
    const base = bin * this.#cellsPerBin;
    this.#active.count = 0;
    for (let cell = 0; cell < this.#cellsPerBin; cell++) {
      if (this.#touch[base + cell] !== 0) this.#active.index[this.#active.count++] = cell;
    }
    return this.#active;
  }

  /** The same cells by scan step of the location branch: step * channels + channel. */
  #loadForLocation(cells: ArrayLike<number>): ActiveList {
    const { channels } = this.parts.spec.input;
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!;
      const channel = cell % channels;
      this.#active.index[i] = this.#stepOf[(cell - channel) / channels]! * channels + channel;
    }
    this.#active.count = cells.length;
    return this.#active;
  }

  #answer(): Answer {
    const answer: { time?: { counts: Uint32Array }; location?: { counts: Uint32Array } } = {};
    if (this.#time !== undefined) answer.time = this.#time;
    if (this.#location !== undefined) answer.location = this.#location;
    if (this.#slow.length > 0) {
      const window = windowFromCells(this.parts.spec.input, this.#cellsSoFar());
      for (const branch of this.#slow)
        answer[branch.name] = scanBranch(branch, scanInput(this.parts.spec, branch.name, window));
    }
    return answer;
  }

  *#cellsSoFar(): Generator<number> {
    for (let cell = 0; cell < this.#bins * this.#cellsPerBin; cell++) if (this.#touch[cell] !== 0) yield cell;
  }
}
