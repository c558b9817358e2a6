import type { Clock } from './clock.js';

/** From so much on a difference between the wall clock and one that does not step is a step, and no noise or slewing. */
export const LEAST_STEP_US = 250_000;

/** Two readings that are further apart tell nothing: the process was held up between them. */
const MOST_APART_US = 50_000;

/**
 * Notices that the wall clock of the host was set, by comparing it with the monotonic one. Small steps count when they
 * have added up; several between two looks count as one; a host that was suspended looks as if its clock was set.
 */
export class ClockSteps {
  /** Steps that were noticed. */
  count = 0;
  /** Wall clock minus monotonic clock, at the last step. */
  #offsetUs: number;

  constructor(private readonly clock: Pick<Clock, 'nowUs' | 'monoUs'>) {
    this.#offsetUs = clock.nowUs() - clock.monoUs();
  }

  /** By how much the wall clock has been moved since the last step, in microseconds; 0: it has not. */
  look(): number {
    const { clock } = this;
    const beforeUs = clock.monoUs();
    const offsetUs = clock.nowUs() - beforeUs;
    const stepUs = offsetUs - this.#offsetUs;
    if (clock.monoUs() - beforeUs > MOST_APART_US || Math.abs(stepUs) < LEAST_STEP_US) return 0;
    this.#offsetUs = offsetUs;
    this.count++;
    return stepUs;
  }
}
