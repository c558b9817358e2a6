import type { Transport, TransportError, TransportFactory, TransportListener } from './transport.js';

/** Who hears what a link brings, before the receiver does. Must be quick and must not throw. */
export interface LinkTap {
  /** A link is open. */
  opened(): void;
  /** Bytes arrived; the chunk may be reused after the call. */
  data(chunk: Uint8Array, arrivalUs: number): void;
}

/** The same transports, with a listener-in: for recording while the bytes go on to whoever opened the link. */
export function tappedTransport(inner: TransportFactory, tap: LinkTap): TransportFactory {
  return () => new TappedTransport(inner(), tap);
}

class TappedTransport implements Transport {
  constructor(
    private readonly inner: Transport,
    private readonly tap: LinkTap,
  ) {}

  get name(): string {
    return this.inner.name;
  }

  async open(listener: TransportListener): Promise<void> {
    await this.inner.open({
      data: (chunk, arrivalUs) => {
        this.tap.data(chunk, arrivalUs);
        listener.data(chunk, arrivalUs);
      },
      relinked: () => listener.relinked?.(),
      closed: (error: TransportError | undefined) => listener.closed(error),
    });
    this.tap.opened();
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

  close(): Promise<void> {
    return this.inner.close();
  }
}
