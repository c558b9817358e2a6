/**
 * Spike-response stacks during the touch. A new cell changes one scan step of the first layer's currents; from there on
 * the membranes are sums over currents that are still at hand, so the scan goes on from that step and nothing before it
 * is computed again. Where the responses of the last input have ended there are no spikes, so the zeros after cost
 * nothing.
 */
import { fusedInput, type ScanInput } from '../../../network/scan-input.js';
import type { StackName } from '../../../network/spec.js';
import { createSrmState, outputCounts, type SrmBranch, type SrmState, scanSrm } from '../srm/srm-branch.js';
import { GrowingInput } from './growing-input.js';
import type { CellPlaces, StackStream } from './stream.js';

/** A branch that sees the touch. */
export class SrmStream implements StackStream {
  readonly counts: Uint32Array;
  /** First scan step that the last bin changed; the number of steps when it changed none. */
  changedFrom: number;
  readonly #state: SrmState;
  readonly #input: GrowingInput;

  constructor(
    private readonly branch: SrmBranch,
    private readonly places: CellPlaces,
  ) {
    this.#state = createSrmState(branch);
    this.#input = new GrowingInput(branch.steps);
    this.counts = new Uint32Array(branch.layers.at(-1)!.width);
    this.changedFrom = branch.steps;
  }

  get name(): StackName {
    return this.branch.name;
  }

  /** Output spikes so far, zeros after. */
  get output(): ScanInput {
    return this.#state.scans.at(-1)!;
  }

  reset(): void {
    this.#input.clear();
    this.changedFrom = 0;
    scanSrm(this.branch, this.#state, this.#input);
    this.counts.fill(0);
  }

  take(bin: number, fresh: readonly number[]): void {
    const { steps, layers } = this.branch;
    const added = fresh.map((cell) => ({
      step: this.places.step(bin, cell),
      input: this.places.input(bin, cell),
    }));
    this.changedFrom = Math.min(steps, ...added.map(({ step }) => step));
    if (added.length === 0) return;
    this.#input.insert(added);
    scanSrm(this.branch, this.#state, this.#input, this.changedFrom);
    outputCounts(layers, this.#state.scans, steps, this.counts);
  }
}

/** The stack behind both branches. */
export class FusedStream implements StackStream {
  readonly name = 'fused';
  readonly counts: Uint32Array;
  readonly #state: SrmState;

  /** @param branches streams of the time and the location branch, which take each bin before this one does */
  constructor(
    private readonly stack: SrmBranch,
    private readonly branches: readonly SrmStream[],
  ) {
    this.#state = createSrmState(stack);
    this.counts = new Uint32Array(stack.layers.at(-1)!.width);
  }

  reset(): void {
    this.#scan(0);
    this.counts.fill(0);
  }

  take(): void {
    const [time, location] = this.branches as readonly [SrmStream, SrmStream];
    const timeSteps = time.output.start.length - 1;
    const from = time.changedFrom < timeSteps ? time.changedFrom : timeSteps + location.changedFrom;
    if (from >= this.stack.steps) return;
    this.#scan(from);
    outputCounts(this.stack.layers, this.#state.scans, this.stack.steps, this.counts);
  }

  #scan(from: number): void {
    const [time, location] = this.branches as readonly [SrmStream, SrmStream];
    scanSrm(this.stack, this.#state, fusedInput(time.output, location.output), from);
  }
}
