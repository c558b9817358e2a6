import {
  type EventBatch,
  serialTransport,
  TefDecoder,
  TefEncoder,
  type Transport,
  tefSink,
} from '../../devices/index.js';

/** A TEF device at one end of a serial cable whose every byte is sent by the caller, at the moment the caller chooses. */
export class WireSensor {
  readonly encoder = new TefEncoder();
  readonly #transport: Transport;
  #started: () => void = () => {};
  /** Fulfilled when the host has said START. */
  readonly started = new Promise<void>((resolve) => {
    this.#started = resolve;
  });

  constructor(
    path: string,
    private readonly taxels = 39,
  ) {
    this.#transport = serialTransport({ path })();
  }

  async open(): Promise<void> {
    const decoder = new TefDecoder({ from: 'host' });
    const sink = tefSink({
      command: ({ type, seq }) => {
        if (type === 'describe') void this.send(this.#hello());
        if (type === 'start') {
          void this.send(this.encoder.ack({ seq, status: 0 }));
          this.#started();
        }
      },
    });
    await this.#transport.open({ data: (chunk) => decoder.push(chunk, sink), closed: () => {} });
  }

  events(batch: EventBatch): Uint8Array {
    return this.encoder.events(batch);
  }

  /** A STATUS that says that device time has reached `uptimeUs`. */
  status(uptimeUs: number): Uint8Array {
    return this.encoder.status({ uptimeTicks: uptimeUs, events: 0, dropped: 0, overruns: 0 });
  }

  async send(bytes: Uint8Array): Promise<void> {
    await this.#transport.write(bytes);
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  #hello(): Uint8Array {
    const { taxels } = this;
    const who = {
      tickNs: 1000,
      taxels,
      caps: 1,
      geometryId: 0,
      uid: '0000000000000001',
      firmware: [1, 0, 0] as const,
      bootId: 1,
      name: 'bench',
    };
    return this.encoder.hello(who);
  }
}
