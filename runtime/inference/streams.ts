import type { Answer, Executor, InputSpec, Stream } from '../../models/index.js';
import type { Step } from './protocol.js';

const nothing = new Uint32Array(0);

/**
 * The streams of one compiled model. A stream belongs to a handle from its first bin on until the handle is freed; then
 * it is kept for the next that wants one, because an engine cannot give back the memory of one stream alone.
 */
export class Streams {
  private readonly used = new Map<number, Map<number, Stream>>();
  private readonly idle: Stream[] = [];

  constructor(
    private readonly executor: Executor,
    private readonly input: InputSpec,
  ) {}

  /** Gives the streams of a handle back. */
  free(handle: number): void {
    for (const stream of this.used.get(handle)?.values() ?? []) this.keep(stream);
    this.used.delete(handle);
  }

  /** Keeps a stream for whoever needs one next. */
  keep(stream: Stream): void {
    this.idle.push(stream);
  }

  /**
   * Takes bins and late cells; returns the answer for the window so far. Its arrays are used again by the next call.
   * Throws RangeError for cells that are not those of the bins, and Error when the stream has other bins than the sender
   * believes: the sender must then begin the window again.
   */
  step({ handle, stream: id, from, to, cells, late }: Step): Answer {
    this.check(from, to, cells, late);
    const stream = this.streamOf(handle, id);
    if (from === 0) stream.reset();
    else if (stream.bins !== from)
      throw new Error(`stream ${id} has ${stream.bins} bins, not ${from}: send the window from bin 0`);
    const width = this.input.taxels * this.input.channels;
    for (const cell of late) stream.revise(Math.floor(cell / width), [cell % width]);
    let answer: Answer = {};
    let at = 0;
    for (let bin = from; bin < to; bin++) {
      const first = at;
      while (at < cells.length && cells[at]! < (bin + 1) * width) at++;
      answer = stream.push(first === at ? nothing : cells.slice(first, at).map((cell) => cell - bin * width));
    }
    return answer;
  }

  private streamOf(handle: number, id: number): Stream {
    const own = this.used.get(handle) ?? new Map<number, Stream>();
    this.used.set(handle, own);
    let stream = own.get(id);
    if (stream === undefined) {
      stream = this.idle.pop() ?? this.executor.stream?.();
      if (stream === undefined)
        throw new Error(`engine ${this.executor.engine} cannot answer before a window is whole`);
      stream.reset();
      own.set(id, stream);
    }
    return stream;
  }

  /** Checks what came over the wire: engines take ascending cells of the bin for granted. */
  private check(from: number, to: number, cells: Uint32Array, late: Uint32Array): void {
    const { bins, taxels, channels } = this.input;
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= bins))
      throw new RangeError(`bins ${from} to ${to} are not in a window of ${bins}`);
    const width = taxels * channels;
    let before = from * width - 1;
    for (const cell of cells) {
      if (cell <= before || cell >= to * width)
        throw new RangeError(
          `cell ${cell} after cell ${before} is out of order or outside bins ${from} to ${to}`,
        );
      before = cell;
    }
    for (const cell of late)
      if (cell >= from * width) throw new RangeError(`late cell ${cell} is not in a bin before bin ${from}`);
  }
}
