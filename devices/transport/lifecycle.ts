import { TransportError, type TransportListener } from './transport.js';

/** Holds a transport to its contract: opened once, `closed` called once, nothing after it, no writer left waiting. */
export class Lifecycle {
  private phase: 'new' | 'opening' | 'open' | 'closed' = 'new';
  private listener: TransportListener | undefined;
  private readonly waiting = new Set<() => void>();

  get isOpen(): boolean {
    return this.phase === 'open';
  }

  get isClosed(): boolean {
    return this.phase === 'closed';
  }

  /** `open` was called. Throws when it is not the first time, or after `close`. */
  begin(listener: TransportListener): void {
    if (this.phase === 'closed') throw canceled();
    if (this.phase !== 'new') throw new Error('a transport is opened once; make a new one for each attempt');
    this.phase = 'opening';
    this.listener = listener;
  }

  /** The pipe is open. Throws when it was closed while it opened. */
  opened(): void {
    if (this.phase === 'closed') throw canceled();
    this.phase = 'open';
  }

  data(chunk: Uint8Array, arrivalUs: number): void {
    if (this.phase === 'open') this.listener?.data(chunk, arrivalUs);
  }

  relinked(): void {
    if (this.phase === 'open') this.listener?.relinked?.();
  }

  /** The pipe is closed or will not open. */
  end(error?: TransportError): void {
    const wasOpen = this.phase === 'open';
    this.phase = 'closed';
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
    if (wasOpen) this.listener?.closed(error);
    this.listener = undefined;
  }

  /**
   * A promise that is fulfilled when `start`'s callback is called or the pipe closes, or at once when it returns true.
   * Of a pipe that is not open: in the next turn of the event loop, so that a loop of writes cannot starve the rest.
   */
  untilTaken(start: (taken: () => void) => boolean): Promise<void> {
    if (this.phase !== 'open') return new Promise((resolve) => setImmediate(resolve));
    return new Promise((resolve) => {
      const taken = (): void => {
        this.waiting.delete(taken);
        resolve();
      };
      this.waiting.add(taken);
      if (start(taken)) taken();
    });
  }
}

function canceled(): TransportError {
  return new TransportError('ECANCELED', 'closed before it was open');
}
