import { History } from './history.js';
import type { PolicyContext, TriggerSpec } from './policies.js';
import { SingleWindow } from './single.js';
import type { Policy, TriggerAnswer } from './window.js';

/** Events that a trigger can reach back for; older ones give way, whatever `historyUs` says. */
const HISTORY_EVENTS = 16384;

/**
 * Windows at an explicit call, one at a time. A window may start in the past, as far as the history reaches, or in
 * the near future; it is emitted even when nothing touched, because somebody asked.
 */
export class TriggerPolicy implements Policy {
  private readonly window: SingleWindow;
  private readonly history = new History(HISTORY_EVENTS);
  private lastEndUs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly spec: TriggerSpec,
    private readonly context: PolicyContext,
  ) {
    if (!(spec.historyUs >= 0 && spec.historyUs < 2 ** 53)) {
      throw new RangeError(`historyUs is ${spec.historyUs}: give microseconds, 0 or more`);
    }
    this.window = new SingleWindow(context.input, context.bins);
  }

  get pending(): number {
    return this.history.size;
  }

  get open(): number {
    return this.window.isOpen ? 1 : 0;
  }

  /** A start before the end of the last window is moved to that end: an event stands in one window at most. */
  trigger(atUs: number, nowUs: number): TriggerAnswer {
    if (this.window.isOpen) return 'busy';
    if (!(atUs >= nowUs - this.spec.historyUs)) return 'past';
    if (!(atUs <= nowUs + this.context.maxJumpUs)) return 'future';
    this.window.open(Math.max(atUs, this.lastEndUs));
    const { placed, before } = this.window.replay(this.history);
    this.context.counters.placed += placed;
    this.context.counters.outside += before;
    return 'opened';
  }

  take(tUs: Float64Array, bit: Uint32Array, from: number, to: number): void {
    let i = from;
    while (i < to) {
      if (!this.window.isOpen || tUs[i]! < this.window.startUs) {
        this.remember(tUs[i]!, bit[i]!);
        i++;
        continue;
      }
      const end = this.window.fill(tUs, bit, i, to);
      this.context.counters.placed += end - i;
      if (end < to) this.close();
      i = end;
    }
  }

  late(tUs: number, bit: number): boolean {
    if (!this.window.holds(tUs)) return false;
    this.window.placeLate(tUs, bit);
    return true;
  }

  advance(tUs: number): void {
    if (!this.window.isOpen) return;
    if (tUs >= this.window.endUs) this.close();
    else this.window.tell(tUs);
  }

  finish(reason: 'flush' | 'epoch'): void {
    if (this.window.isOpen) this.context.close(this.window.close(reason));
    this.context.counters.outside += this.history.clear();
    this.lastEndUs = Number.NEGATIVE_INFINITY;
  }

  private remember(tUs: number, bit: number): void {
    const { counters } = this.context;
    counters.outside += this.history.dropBefore(tUs - this.spec.historyUs) + this.history.push(tUs, bit);
  }

  private close(): void {
    this.lastEndUs = this.window.endUs;
    this.context.close(this.window.close('end'));
  }
}
