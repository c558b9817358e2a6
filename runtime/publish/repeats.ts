import { createHash } from 'node:crypto';
import type { Clock } from '../clock.js';

/** The same request after that is meant anew. */
const REMEMBERED_US = 10_000_000;
const MOST_REMEMBERED = 64;

/** A request, as far as it tells whether another one is the same. */
export interface Request {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly transaction?: string | undefined;
  readonly correlation?: Buffer | undefined;
  /** Where its answer is wanted: another asker wants it elsewhere. */
  readonly responseTopic?: string | undefined;
}

/**
 * Requests that come twice, as messages of QoS 1 may: the second one gets the answer of the first, and nothing is done
 * for it. Requests without a transaction or correlation data cannot be told from new ones, so they are.
 */
export class Repeats<T> {
  /** Oldest first. */
  readonly #known = new Map<string, { readonly outcome: Promise<T>; readonly untilUs: number }>();

  constructor(private readonly clock: Pick<Clock, 'monoUs'>) {}

  /** What comes of `work`, or what came of it for the same request within 10 s. */
  once(request: Request, work: () => Promise<T>): Promise<T> {
    const key = keyOf(request);
    if (key === undefined) return work();
    this.#forget();
    const known = this.#known.get(key);
    if (known !== undefined) return known.outcome;
    const outcome = work();
    this.#known.set(key, { outcome, untilUs: this.clock.monoUs() + REMEMBERED_US });
    return outcome;
  }

  #forget(): void {
    const nowUs = this.clock.monoUs();
    for (const [key, { untilUs }] of this.#known)
      if (untilUs <= nowUs || this.#known.size >= MOST_REMEMBERED) this.#known.delete(key);
  }
}

function keyOf({ topic, payload, transaction, correlation, responseTopic }: Request): string | undefined {
  if (transaction === undefined && correlation === undefined) return undefined;
  const named = [topic, correlation?.toString('hex'), transaction, responseTopic].join('\0');
  return createHash('sha256').update(named).update(payload).digest('base64');
}
