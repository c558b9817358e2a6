import { EdvsDecoder, type EdvsDecoderOptions, type EdvsSink } from '../codec/edvs/decoder.js';
import { edvsSide } from '../codec/edvs/records.js';
import type { EventBatch } from '../event.js';
import { PixelPool } from '../sensor/pixel-pool.js';
import type { Driver, DriverSink } from '../session/driver.js';
import { passOn } from './frame-driver.js';

/** Formats of events that a board can be asked for. Which timestamps they have depends on its firmware. */
export const edvsModes = ['E0', 'E2', 'E3', 'E4'] as const;
export type EdvsMode = (typeof edvsModes)[number];

export interface EdvsDriverOptions extends EdvsDecoderOptions {
  /** What to ask the board for. Default E3, which newer firmware sends with 24 bits of time and older with 32. */
  readonly mode?: EdvsMode;
  /** Cells that the 128 x 128 pixels are pooled to, from pixel (0, 0). Default: 128 x 128, a taxel a pixel. */
  readonly rows?: number;
  readonly columns?: number;
  /**
   * The bit on the wire that means ON. Firmware and drivers disagree, so press and see. Default 1, which leaves the bit as
   * it is.
   */
  readonly onBit?: 0 | 1;
}

/** What a banner has in it, of every board that has been described. */
const banner = /dvs/i;

/** The driver for boards of the eDVS family, and optical tactile sensors built on them. They need RTS/CTS. */
export function edvsDriver(options: EdvsDriverOptions = {}): Driver {
  return new EdvsDriver(options);
}

/** A board takes 400 ms to start and is asked every 500: so often before it is made to start once more. */
const asksPerReset = 4;

class EdvsDriver implements Driver {
  readonly name = 'edvs';
  readonly heartbeatMs = undefined;
  private readonly decoder: EdvsDecoder;
  private readonly pool: PixelPool;
  private readonly flip: 0 | 1;
  private readonly mode: EdvsMode;
  /** The board has said on this link who it is. */
  private isKnown = false;
  /** How often it has been asked on this link. */
  private asked = 0;
  /** It has been asked, and has not answered yet. */
  private isAwaited = false;
  private target: DriverSink | undefined;
  private sink: EdvsSink | undefined;

  constructor(options: EdvsDriverOptions) {
    const { mode = 'E3', rows = edvsSide, columns = edvsSide, onBit = 1 } = options;
    this.decoder = new EdvsDecoder(options);
    this.pool = new PixelPool(edvsSide, rows, columns);
    this.flip = onBit === 1 ? 0 : 1;
    this.mode = mode;
  }

  /**
   * Asks the board to start anew and so to print its banner. One that is known is left running: it is known again by its
   * next events.
   */
  readonly describe = (): Uint8Array => {
    this.isAwaited = true;
    const mayReset = !this.isKnown && this.asked++ % asksPerReset === 0;
    return ascii(mayReset ? '\nR\n' : '\n');
  };

  /** Echo off, the format of events, and events on. What came before may have had another format. */
  readonly start = (): Uint8Array => {
    this.decoder.relearn();
    return ascii(`!U0\n!${this.mode}\nE+\n`);
  };

  readonly stop = (): Uint8Array => ascii('E-\n');

  get taxels(): number {
    return this.pool.taxels;
  }

  get accepted(): number {
    return this.decoder.accepted;
  }

  get buffered(): number {
    return this.decoder.buffered;
  }

  push(chunk: Uint8Array, sink: DriverSink, arrivalUs: number): void {
    this.decoder.push(chunk, this.through(sink), arrivalUs);
  }

  reset(sink: DriverSink): void {
    this.decoder.reset(this.through(sink));
    this.isKnown = false;
    this.asked = 0;
    this.isAwaited = false;
  }

  private through(sink: DriverSink): EdvsSink {
    if (this.sink === undefined || this.target !== sink) {
      this.target = sink;
      this.sink = {
        ...passOn(sink),
        events: (batch) => {
          if (this.isAwaited) this.identify(sink);
          sink.events(this.translate(batch));
        },
        text: (line) => this.read(line, sink),
      };
    }
    return this.sink;
  }

  private translate(batch: EventBatch): EventBatch {
    this.pool.apply(batch);
    if (this.flip === 1) for (let i = 0; i < batch.length; i++) batch.polarity[i]! ^= 1;
    return batch;
  }

  /** A board that is known and prints its banner has started again, and must be told again what to send. */
  private read(line: string, sink: DriverSink): void {
    sink.log(line);
    if (!banner.test(line)) return;
    if (this.isKnown) {
      this.decoder.restart();
      sink.epoch();
    }
    this.identify(sink, line);
  }

  /** Boards whose banner is another are known by their events. */
  private identify(sink: DriverSink, name?: string): void {
    this.isKnown = true;
    this.isAwaited = false;
    sink.identity({ driver: 'edvs', ...(name === undefined ? {} : { name }) });
  }
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
