import {
  type Clock,
  type EventBatch,
  eventsFrom,
  memoryPair,
  TefDecoder,
  TefEncoder,
  type Transport,
  type TransportFactory,
  tefSink,
} from '../../devices/index.js';
import { hello } from './tef.js';

export interface MemorySensorOptions {
  /** Clock that the arrival of its bytes is read from. */
  readonly clock?: Clock;
  /** Say who it is only when the test says so. */
  readonly shy?: true;
}

/** A TEF device in this process that says who it is when asked, and otherwise what the test makes it say. */
export class MemorySensor {
  readonly encoder = new TefEncoder();
  #link: Transport | undefined;
  #start: () => void = () => {};
  /** Fulfilled when a host has said START. */
  readonly started = new Promise<void>((resolve) => {
    this.#start = resolve;
  });

  constructor(
    private readonly taxels: number,
    private readonly options: MemorySensorOptions = {},
  ) {}

  readonly transport: TransportFactory = () => {
    const { clock } = this.options;
    const [near, far] = memoryPair({ name: 'test', ...(clock === undefined ? {} : { clock }) });
    this.serve(far);
    return near;
  };

  /** Is the device at the end of this link, for which it leaves the one before. */
  serve(far: Transport): void {
    const { shy } = this.options;
    const decoder = new TefDecoder({ from: 'host' });
    const sink = tefSink({
      command: ({ type }) => {
        if (type === 'describe' && !shy) void this.hello();
        if (type === 'start') this.#start();
      },
    });
    void far.open({ data: (chunk) => decoder.push(chunk, sink), closed: () => {} });
    this.#link = far;
  }

  async hello(): Promise<void> {
    await this.#link?.write(this.encoder.hello({ ...hello, taxels: this.taxels, geometryId: 0 }));
  }

  /** Events, rows of [tUs, taxel, polarity]. */
  async events(rows: readonly (readonly [number, number, number])[] | EventBatch): Promise<void> {
    const batch = 'tUs' in rows ? rows : eventsFrom(rows);
    await this.#link?.write(this.encoder.events(batch));
  }

  /** A heartbeat: the device clock reads `uptimeUs`. */
  async clock(uptimeUs: number): Promise<void> {
    await this.#link?.write(
      this.encoder.status({ uptimeTicks: uptimeUs, events: 0, dropped: 0, overruns: 0 }),
    );
  }
}
