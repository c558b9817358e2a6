/** What the demo has seen: decisions, what the touches really were, latencies. Pure. */
import type { SequencedContact } from '../../devices/index.js';
import { contactOf } from '../dataset/simulated.js';
import { datasetPolicy } from '../dataset/source.js';
import type { PipelineResult } from '../inference/index.js';
import type { ResultBody } from '../publish/index.js';

/** Touches and latencies that are remembered. */
const remembered = 200;

export class DemoScore {
  windows = 0;
  right = 0;
  dropped = 0;
  /** Broker and topic, once known. */
  where = '';
  last:
    | { readonly body: ResultBody; readonly result: PipelineResult; readonly truth: string | undefined }
    | undefined;
  readonly #contacts: SequencedContact[] = [];
  readonly #latenciesMs: number[] = [];

  /** @param wanted decisions after which it is complete */
  constructor(private readonly wanted = Number.POSITIVE_INFINITY) {}

  get isComplete(): boolean {
    return this.windows >= this.wanted;
  }

  /** A touch is about to come. */
  expect(contact: SequencedContact): void {
    this.#contacts.push(contact);
    if (this.#contacts.length > remembered) this.#contacts.shift();
  }

  /** Takes a decision; false, and nothing else, when there have been enough. */
  add(body: ResultBody, result: PipelineResult): boolean {
    if (this.isComplete) return false;
    const truth = contactOf(this.#contacts, result.window, datasetPolicy)?.kind;
    this.windows++;
    if (truth === body.label) this.right++;
    this.dropped = result.dropped;
    this.last = { body, result, truth };
    this.#latenciesMs.push(result.timings.totalUs / 1000);
    if (this.#latenciesMs.length > remembered) this.#latenciesMs.shift();
    return true;
  }

  get latency(): { p50: number; p99: number } | undefined {
    if (this.#latenciesMs.length === 0) return undefined;
    const sorted = [...this.#latenciesMs].sort((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    return { p50: at(0.5), p99: at(0.99) };
  }

  /** The last decision in one line. */
  line(): string {
    if (this.last === undefined) return '';
    const { body, result, truth } = this.last;
    const check = truth === undefined ? '' : `  it was ${truth}${truth === body.label ? '' : '  (wrong)'}`;
    const confidence = `${(100 * body.confidence).toFixed(0)} %`.padStart(5);
    const facts = `${result.window.events} events, ${(result.timings.totalUs / 1000).toFixed(1)} ms`;
    return `decision ${body.window + 1}  ${body.label.padEnd(8)}${confidence}  ${facts.padEnd(22)}${check}`;
  }

  summary(): string {
    const latency = this.latency;
    const speed =
      latency === undefined ? '' : `; ${latency.p50.toFixed(1)} ms from last byte to message (median)`;
    return `${count(this.windows, 'decision')}, ${this.right} right, ${count(this.dropped, 'window')} dropped${speed}`;
  }
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
