/** Waits, silent, until the process that serves our edge is gone. */
import type { Clock, Timer } from '../clock.js';
import { CLAIM_WAIT_MS } from './claim.js';
import { Requester, type RequesterOptions, type RequestTarget } from './request.js';

/** It is looked for so often. */
export const LOOK_EVERY_MS = 10_000;

export interface VacancyOptions extends RequesterOptions {
  readonly clock: Clock;
  readonly target: RequestTarget;
  readonly edge: string;
  /** Nobody answers any more. */
  readonly onVacant: () => void;
}

export class Vacancy {
  private timer: Timer | undefined;
  private round = 0;

  constructor(private readonly options: VacancyOptions) {}

  /** Begins to look, again and again, over connections without a will that publish nothing but the question. */
  watch(): void {
    const round = ++this.round;
    this.timer = this.options.clock.setTimer(() => void this.look(round), LOOK_EVERY_MS);
  }

  stop(): void {
    this.round++;
    this.options.clock.clearTimer(this.timer);
  }

  private async look(round: number): Promise<void> {
    const isHeld = await this.isHeld();
    if (round !== this.round) return;
    if (isHeld) this.watch();
    else this.options.onVacant();
  }

  /** Without a broker nobody holds it either: the connection then takes its turn, and asks again. */
  private async isHeld(): Promise<boolean> {
    const { target, edge, clock, open, id } = this.options;
    try {
      const requester = await Requester.open(target, {
        clock,
        ...(open === undefined ? {} : { open }),
        ...(id === undefined ? {} : { id }),
      });
      try {
        await requester.request(edge, 'ping', {}, { timeoutMs: CLAIM_WAIT_MS });
        return true;
      } finally {
        await requester.close();
      }
    } catch {
      return false;
    }
  }
}
