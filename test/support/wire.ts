import type { Transport, TransportError } from '../../devices/index.js';

/** One end of a pipe in a test: opens it, collects what arrives, and lets the test wait for it. */
export class End {
  readonly arrivals: number[] = [];
  closings: (TransportError | undefined)[] = [];
  length = 0;
  private readonly bytes: Uint8Array[] = [];
  private check: () => void = () => {};

  constructor(readonly transport: Transport) {}

  async open(): Promise<this> {
    await this.transport.open({
      data: (chunk, arrivalUs) => {
        this.bytes.push(chunk.slice());
        this.length += chunk.length;
        this.arrivals.push(arrivalUs);
        this.check();
      },
      closed: (error) => {
        this.closings.push(error);
        this.check();
      },
    });
    return this;
  }

  get received(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.bytes));
  }

  /** Fulfilled as soon as the condition holds; it is looked at whenever something arrives. */
  until(condition: (end: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.check = () => {
        if (condition(this)) resolve();
      };
      this.check();
    });
  }
}

/** Bytes of every value, as many as asked for. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}
