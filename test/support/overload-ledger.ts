import assert from 'node:assert/strict';
import { waitingWindows } from '../../runtime/edge/inputs.js';
import type { PipelineCounters } from '../../runtime/inference/index.js';
import { overloadQueue, windowMs } from './overload-terms.js';

/** What is left out, in the order that is promised. */
const order = ['shedShadow', 'shedUpdates', 'shedWindows'] as const;

/** Takes notes of a pipeline that is overloaded for a while, and says whether what is promised was kept. */
export class OverloadLedger {
  #finals = 0;
  #updates = 0;
  #late = 0;
  #worstAgeMs = 0;
  #beganS = Number.NaN;
  #endedS = Number.NaN;
  #degradedS = Number.NaN;
  #readyS = Number.NaN;
  readonly #firstS = new Map<string, number>();

  result(final: boolean, late: boolean, ageMs: number): void {
    if (final) this.#finals++;
    else this.#updates++;
    if (late) this.#late++;
    this.#worstAgeMs = Math.max(this.#worstAgeMs, ageMs);
  }

  /** The load begins to be too much. */
  begins(atS: number): void {
    this.#beganS = atS;
  }

  ends(atS: number): void {
    this.#endedS = atS;
  }

  look(atS: number, counters: PipelineCounters, isDegraded: boolean): void {
    for (const name of order) if (counters[name] > 0 && !this.#firstS.has(name)) this.#firstS.set(name, atS);
    if (isDegraded && Number.isNaN(this.#degradedS)) this.#degradedS = atS;
    if (!isDegraded && atS > this.#endedS && Number.isNaN(this.#readyS)) this.#readyS = atS;
  }

  /** Whether it was told that it was over. */
  get isOver(): boolean {
    return !Number.isNaN(this.#readyS);
  }

  /**
   * Throws when a promise was not kept; when it is called, no window waits any more.
   * @param slackMs what the machine may add to the age of an answer
   */
  figures(counters: PipelineCounters, slackMs: number): Record<string, number> {
    const { windows, answered, updates, late, dropped, shedShadow, shedUpdates, shedWindows } = counters;
    const uncounted = waitingWindows(counters);
    assert.equal(uncounted, 0, 'each window has met one end');
    assert.deepEqual([this.#finals, this.#updates], [answered, updates], 'each answer was told');
    assert.equal(this.#late, late, 'each late answer was marked and counted');
    assert.ok(late > 0 && shedShadow > 0 && shedUpdates > 0 && shedWindows > 0, JSON.stringify(counters));
    const firsts = order.map((name) => this.#firstS.get(name)!);
    assert.ok(firsts[0]! < firsts[1]! && firsts[1]! < firsts[2]!, `left out in order: ${firsts}`);
    assert.ok(this.#degradedS < this.#endedS, 'told while it lasted');
    assert.ok(this.isOver, 'told when it was over');
    // A full queue, the window before it, its own time, and half a window under way.
    const boundMs = (overloadQueue + 2.5) * windowMs + slackMs;
    assert.ok(this.#worstAgeMs <= boundMs, `${this.#worstAgeMs} ms is old`);
    return {
      ...{ windows, answered, updates, late, dropped },
      ...{ shed_shadow: shedShadow, shed_updates: shedUpdates, shed_windows: shedWindows, uncounted },
      worst_age_ms: Math.round(this.#worstAgeMs),
      seconds_to_degraded: Math.round(10 * (this.#degradedS - this.#beganS)) / 10,
      seconds_to_ready: Math.round(10 * (this.#readyS - this.#endedS)) / 10,
    };
  }
}
