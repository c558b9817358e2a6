import { existsSync } from 'node:fs';
import { SerialPort } from 'serialport';
import { type Clock, systemClock } from '../clock.js';
import {
  identityText,
  type PortIdentity,
  type PortResolver,
  portResolver,
} from '../discovery/resolve-port.js';
import { portFacts } from '../discovery/sysfs.js';
import { type LatencyFinding, latencyFinding } from './latency.js';
import { Lifecycle } from './lifecycle.js';
import { serialError } from './serial-errors.js';
import {
  type Transport,
  TransportError,
  type TransportFactory,
  type TransportListener,
} from './transport.js';

/** Which port: a device file (better: a link to it below /dev/serial/), or what is plugged in (`usb`, `uid`). */
export interface SerialOptions extends PortIdentity {
  /** Bits a second; any rate that the driver takes. Default 921600; USB CDC devices ignore it. */
  readonly baudRate?: number;
  /** Hardware flow control by RTS and CTS. Default false. */
  readonly rtscts?: boolean;
  /** Levels of the control lines after opening; default: as opening leaves them, which is raised. */
  readonly dtr?: boolean;
  readonly rts?: boolean;
  /** Ask the driver to hand bytes on at once (FTDI: a timer of 1 ms instead of 16). Default false. */
  readonly lowLatency?: boolean;
  readonly clock?: Clock;
}

/** How long closing waits for bytes that were written before it, in milliseconds. */
const drainMs = 200;

/**
 * A serial port, 8N1, locked against other programs that lock. DTR stays up after closing, so nothing is reset. Each
 * attempt looks anew where the port is. Throws RangeError for an identity that says nothing.
 */
export function serialTransport(options: SerialOptions): TransportFactory {
  const resolve = portResolver(options);
  return () => new SerialTransport(options, resolve);
}

export class SerialTransport implements Transport {
  readonly name: string;
  /** What could not be set as wished while opening; the port works without it. */
  readonly warnings: string[] = [];
  /** How soon bytes are handed on; undefined when no low latency was asked for. */
  latency: LatencyFinding | undefined;
  private readonly life = new Lifecycle();
  private readonly clock: Clock;
  private port: SerialPort | undefined;
  /** Whether the system answers the ioctl that `probe` uses. */
  private canProbe = false;
  /** Where the port was found. */
  private path: string;

  constructor(
    private readonly options: SerialOptions,
    private readonly resolve: PortResolver,
  ) {
    this.path = identityText(options);
    this.name = `serial:${this.path}`;
    this.clock = options.clock ?? systemClock;
  }

  async open(listener: TransportListener): Promise<void> {
    this.life.begin(listener);
    const { baudRate = 921_600, rtscts = false } = this.options;
    try {
      const path = await this.resolve();
      this.path = path;
      const port = new SerialPort({
        ...{ path, baudRate, rtscts, dataBits: 8, parity: 'none', stopBits: 1 },
        ...{ lock: true, hupcl: false, autoOpen: false },
      });
      this.port = port;
      // Both events may come late, twice, or after close(): without a listener an 'error' would end the process.
      port.on('error', (error) => this.fail(error));
      port.on('close', (error: Error | null) => this.fail(error ?? undefined));
      await settled((done) => port.open(done));
      await this.configure(port, baudRate);
      // Non-standard rates keep what arrived before opening: throw it away, it may be in another rate.
      await settled((done) => port.flush(done));
      this.life.opened();
      port.on('data', (chunk: Buffer) => this.life.data(chunk, this.clock.nowUs()));
    } catch (error) {
      await this.close();
      throw error instanceof TransportError ? error : serialError(this.path, error);
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.life.untilTaken((taken) => this.port?.write(Buffer.from(bytes), undefined, taken) ?? true);
  }

  pause(): void {
    this.port?.pause();
  }

  resume(): void {
    this.port?.resume();
  }

  /** serialport can miss a hang-up and then reads for ever in vain; an ioctl on the port tells (see DESIGN.md). */
  async probe(): Promise<void> {
    const { path } = this;
    if (!existsSync(path)) throw serialError(path, new Error('no such file'));
    try {
      if (this.port?.port === undefined || !this.life.isOpen) throw new Error('bad file descriptor');
      if (this.canProbe) await this.port.port.getBaudRate();
    } catch (error) {
      throw serialError(path, error);
    }
  }

  async close(): Promise<void> {
    this.life.end();
    const port = this.port;
    if (port?.isOpen && port.writableLength > 0) await this.drained(port);
    if (port?.isOpen) await settled((done) => port.close(done)).catch(() => undefined);
  }

  /** The last command (STOP) still goes out, unless the port takes no more. */
  private drained(port: SerialPort): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.setTimer(resolve, drainMs);
      port.drain(() => {
        this.clock.clearTimer(timer);
        resolve();
      });
    });
  }

  private fail(error: Error | undefined): void {
    this.life.end(error === undefined ? undefined : serialError(this.path, error));
    void this.close();
  }

  /** Control lines, latency and the rate that the driver really took: wishes, which never fail the opening. */
  private async configure(port: SerialPort, baudRate: number): Promise<void> {
    const { dtr, rts, lowLatency = false } = this.options;
    if (dtr !== undefined || rts !== undefined || lowLatency) {
      // serialport sets every flag at each call, so all go in one; lowLatency is missing in its portable type.
      const flags = { dtr: dtr ?? true, rts: rts ?? true, lowLatency };
      await settled((done) => port.set(flags, done)).catch((error: unknown) => {
        // A pseudo-terminal has no control lines; that is no fault.
        if (serialError(this.path, error).code !== 'ENOTTY')
          this.warnings.push(`${this.path}: DTR and RTS could not be set: ${String(error)}`);
      });
    }
    if (lowLatency) await this.checkLatency(port);
    const actual = await port.port?.getBaudRate().catch(() => undefined);
    this.canProbe = actual !== undefined;
    if (actual !== undefined && Math.abs(actual.baudRate - baudRate) > 0.02 * baudRate)
      this.warnings.push(
        `${this.path}: the driver took ${actual.baudRate} baud instead of ${baudRate}: set a baudRate that the chip can do`,
      );
  }

  /** Reads the flag back, for serialport swallows what goes wrong when it is set. */
  private async checkLatency(port: SerialPort): Promise<void> {
    const flag = await new Promise<boolean | undefined>((resolve) => {
      port.get((error, status) =>
        resolve(error ? undefined : (status as { readonly lowLatency?: boolean } | undefined)?.lowLatency),
      );
    });
    const { driver, latencyTimerMs } = await portFacts(this.path);
    this.latency = latencyFinding({ path: this.path, flag, driver, latencyTimerMs });
    if (this.latency.state === 'off') this.warnings.push(this.latency.note);
  }
}

/** A serialport call with a callback as a promise. */
function settled(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error ? reject(error) : resolve()));
  });
}
