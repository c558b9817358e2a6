import type { Clock, Timer } from '../clock.js';
import type { Inference, Outcome } from '../inference/index.js';
import { type Correlation, readCorrelation } from './correlation.js';
import type { RemoteCounters } from './counters.js';
import { type Answer, decodeAnswer, type ServedModel } from './messages.js';
import { Outstanding } from './outstanding.js';
import type { RemoteModel } from './remote-model.js';

export interface WindowsOutOptions {
  /** Eight hexadecimal digits, new with each start. */
  readonly session: string;
  /** A window that has no answer is sent again after so long ... */
  readonly retryMs: number;
  /** ... and is lost after so many times without one. */
  readonly attempts: number;
  readonly clock: Clock;
  readonly counters: RemoteCounters;
  /** Whether there is a worker for it, and a way to it. */
  readonly isServed: (model: RemoteModel) => boolean;
  readonly send: (model: RemoteModel, payload: Uint8Array, correlation: Correlation) => void;
  /** What a worker has told of this model. */
  readonly servedBy: (model: RemoteModel, worker: string) => ServedModel | undefined;
}

/** The end of a window; `served`: the model as the worker has it that answered. */
export type WindowEnd = Outcome<'infer'> & { readonly served?: ServedModel | undefined };

/** A window for a model. */
export interface WindowOut {
  readonly model: RemoteModel;
  readonly payload: Uint8Array;
  /** Its cells that were touched. */
  readonly cells: number;
  /** Of a recording, which waits: time without a worker does not count. */
  readonly waits: boolean;
}

interface Flight extends WindowOut {
  readonly end: (end: WindowEnd) => void;
  sent: number;
  /** Times that the answer has not come in time. */
  missed: number;
  timer: Timer | undefined;
}

/**
 * Windows on their way to workers and back. Each is kept until it is answered and sent again until then, with the same
 * session and number, so that it is answered at least once whatever dies on the way; of several answers the first counts.
 */
export class WindowsOut {
  readonly #flights = new Outstanding<Flight>();

  constructor(private readonly options: WindowsOutOptions) {}

  /** Sends a window; never rejects. */
  send(window: WindowOut): Promise<WindowEnd> {
    return new Promise((resolve) => {
      const flight: Flight = { ...window, end: resolve, sent: 0, missed: 0, timer: undefined };
      this.#send(this.#flights.add(flight), flight);
    });
  }

  /** Sends all windows of these models again, now: the worker that had them may be gone, or one has come. */
  sendAgain(of: (model: RemoteModel) => boolean): void {
    for (const [sequence, flight] of this.#flights.entries())
      if (of(flight.model)) this.#send(sequence, flight);
  }

  /** Takes an answer. Throws Error, in words, for one that cannot be; its window is still open then. */
  answer(payload: Uint8Array, correlation: Uint8Array | undefined): void {
    const { session, counters, servedBy } = this.options;
    const key = readCorrelation(correlation);
    const flight = key?.session === session ? this.#flights.get(key.sequence) : undefined;
    if (key === undefined || flight === undefined) {
      const isOver = key?.session === session && this.#flights.isOver(key.sequence);
      counters[isOver ? 'duplicates' : 'stray']++;
      return;
    }
    let answer: Answer;
    let value: Inference | undefined;
    try {
      answer = decodeAnswer(payload);
      value = answer.ok ? flight.model.inference(answer, flight.cells) : undefined;
    } catch (error) {
      counters.invalid++;
      throw error;
    }
    const served = servedBy(flight.model, answer.worker);
    if (value !== undefined) this.#end(key.sequence, { ok: true, value, served });
    else if (!answer.ok) this.#end(key.sequence, { ok: false, lost: false, reason: answer.error, served });
  }

  /** Gives up all windows. */
  loseAll(reason: string): void {
    for (const [sequence] of this.#flights.entries()) this.#end(sequence, { ok: false, lost: true, reason });
  }

  #send(sequence: number, flight: Flight): void {
    const { clock, retryMs, session, counters, isServed, send } = this.options;
    clock.clearTimer(flight.timer);
    flight.timer = clock.setTimer(() => this.#overdue(sequence, flight), retryMs);
    if (!isServed(flight.model)) return;
    if (flight.sent++ > 0) counters.resent++;
    send(flight.model, flight.payload, { session, sequence });
  }

  #overdue(sequence: number, flight: Flight): void {
    const { retryMs, attempts, isServed } = this.options;
    const isServedNow = isServed(flight.model);
    if (isServedNow || !flight.waits) flight.missed++;
    if (flight.missed < attempts) this.#send(sequence, flight);
    else {
      const why = isServedNow ? 'no worker answered' : 'there was no worker';
      this.#end(sequence, { ok: false, lost: true, reason: `${why} within ${attempts} x ${retryMs} ms` });
    }
  }

  #end(sequence: number, end: WindowEnd): void {
    const { clock, counters } = this.options;
    const flight = this.#flights.end(sequence);
    if (flight === undefined) return;
    clock.clearTimer(flight.timer);
    counters[end.ok ? 'answered' : end.lost ? 'lost' : 'failed']++;
    flight.end(end);
  }
}
