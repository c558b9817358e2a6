import type { Transport, TransportListener } from '../../devices/index.js';
import { type Clock, systemClock, type Timer } from '../clock.js';

export interface ProbedTransportOptions {
  readonly clock?: Pick<Clock, 'setTimer' | 'clearTimer'>;
  /** Called when the pipe is open. */
  readonly onOpen?: () => void;
}

/** How often the pipe is asked whether it still leads somewhere, in milliseconds. */
const probeMs = 100;

/** A pipe that closes itself when it leads nowhere any more: some are not told so, and would read in vain for ever. */
export class ProbedTransport implements Transport {
  #timer: Timer | undefined;
  #closed = false;

  readonly #clock: Pick<Clock, 'setTimer' | 'clearTimer'>;

  constructor(
    private readonly inner: Transport,
    private readonly options: ProbedTransportOptions = {},
  ) {
    this.#clock = options.clock ?? systemClock;
  }

  get name(): string {
    return this.inner.name;
  }

  async open({ data, closed }: TransportListener): Promise<void> {
    await this.inner.open({
      data,
      closed: (error) => {
        this.#end();
        closed(error);
      },
    });
    this.options.onOpen?.();
    this.#wait();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.inner.write(bytes);
  }

  pause(): void {
    this.inner.pause();
  }

  resume(): void {
    this.inner.resume();
  }

  probe(): Promise<void> {
    return this.inner.probe();
  }

  async close(): Promise<void> {
    this.#end();
    await this.inner.close();
  }

  #wait(): void {
    if (this.#closed) return;
    this.#timer = this.#clock.setTimer(() => {
      this.inner.probe().then(
        () => this.#wait(),
        () => this.close(),
      );
    }, probeMs);
  }

  #end(): void {
    this.#closed = true;
    this.#clock.clearTimer(this.#timer);
  }
}
