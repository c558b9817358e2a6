import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { eventsFrom, TefDecoder, TefEncoder, tefSink } from '../../devices/index.js';
import { hello } from './tef.js';

/** Device time of the first tick, a multiple of every hop. */
const startUs = 1_000_000;

/**
 * A TEF device behind a TCP port of this machine, touched a little in every tick: five events in the middle of it, and at
 * its end the device's clock, which closes what ends there. It remembers when each tick was sent.
 */
export class SteadySensor {
  /** `performance.now()` at which a tick's end was sent, by number. */
  readonly sentMs: number[] = [];
  readonly #encoder = new TefEncoder();
  readonly #server: Server;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #beganMs = 0;

  /** @param tickMs time between ticks, in milliseconds, real and of the device */
  constructor(private readonly tickMs: number) {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as { port: number }).port;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket?.destroy();
    this.#server.close();
  }

  /** Number of the tick at whose end a window ends, by device time of its last event. */
  tickOf(lastEventUs: number): number {
    return Math.floor((lastEventUs - startUs) / (this.tickMs * 1000));
  }

  #serve(socket: Socket): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    const decoder = new TefDecoder({ from: 'host' });
    const sink = tefSink({
      command: ({ type }) => {
        if (type === 'describe') socket.write(this.#encoder.hello({ ...hello, geometryId: 0 }));
        if (type === 'start') this.#begin();
      },
    });
    socket.on('data', (chunk) => decoder.push(chunk, sink));
  }

  #begin(): void {
    if (this.#timer !== undefined) return;
    this.#beganMs = performance.now();
    this.#timer = setInterval(() => this.#catchUp(), Math.max(1, this.tickMs / 4));
  }

  /** Sends all ticks that are due. */
  #catchUp(): void {
    const due = Math.floor((performance.now() - this.#beganMs) / this.tickMs);
    while (this.sentMs.length < due) {
      const tick = this.sentMs.length;
      const tickUs = this.tickMs * 1000;
      const middleUs = startUs + tick * tickUs + tickUs / 2;
      const rows = [0, 8, 16, 24, 32].map((taxel, i) => [middleUs + i, (taxel + tick) % 39, i % 2] as const);
      this.#socket?.write(this.#encoder.events(eventsFrom(rows)));
      const uptimeTicks = startUs + (tick + 1) * tickUs;
      this.#socket?.write(this.#encoder.status({ uptimeTicks, events: 0, dropped: 0, overruns: 0 }));
      this.sentMs.push(performance.now());
    }
  }
}
