import type { Clock, Timer } from '../clock.js';
import type { Answers, Reply, Request, RequestKind, Requests } from './protocol.js';

/** What became of a request. `lost`: the worker ended, or did not answer in time; nobody knows the answer. */
export type Outcome<K extends RequestKind> =
  | { readonly ok: true; readonly value: Answers[K] }
  | { readonly ok: false; readonly lost: boolean; readonly reason: string };

interface Open {
  readonly kind: RequestKind;
  readonly settle: (outcome: Outcome<RequestKind>) => void;
  readonly timer: Timer;
}

/** Requests on their way: numbers them, matches the replies, and ends those that are not answered. */
export class Tickets {
  private readonly open = new Map<number, Open>();
  private next = 1;

  /** `onTimeout` is told of a request that was not answered in time; it is for the caller to end the worker. */
  constructor(
    private readonly clock: Clock,
    private readonly limitsMs: Readonly<Record<RequestKind, number>>,
    private readonly onTimeout: (reason: string) => void,
  ) {}

  /** Numbers a request; the promise never rejects. */
  issue<K extends RequestKind>(
    kind: K,
    body: Requests[K],
    limitMs = this.limitsMs[kind],
  ): { readonly request: Request; readonly outcome: Promise<Outcome<K>> } {
    const ticket = this.next++;
    const outcome = new Promise<Outcome<K>>((resolve) => {
      const timer = this.clock.setTimer(
        () => this.onTimeout(`no answer to ${kind} within ${limitMs} ms`),
        limitMs,
      );
      // The reply to a ticket is of the ticket's kind.
      this.open.set(ticket, { kind, settle: resolve as Open['settle'], timer });
    });
    return { request: { kind, ticket, ...body } as Request, outcome };
  }

  /** Settles the request that this reply answers; a reply to nothing is ignored. */
  settle(reply: Reply): void {
    const open = this.take(reply.ticket);
    open?.settle(
      reply.ok ? { ok: true, value: reply.value } : { ok: false, lost: false, reason: reply.reason },
    );
  }

  /** Ends every open request as lost. */
  loseAll(reason: string): void {
    for (const ticket of [...this.open.keys()]) this.take(ticket)?.settle({ ok: false, lost: true, reason });
  }

  private take(ticket: number): Open | undefined {
    const open = this.open.get(ticket);
    if (open === undefined) return undefined;
    this.open.delete(ticket);
    this.clock.clearTimer(open.timer);
    return open;
  }
}
