import { type Clock, systemClock } from '../clock.js';
import type { Driver, DriverSink, SensorIdentity } from '../session/driver.js';
import type { Transport, TransportFactory } from '../transport/transport.js';

export interface ProbeOptions {
  readonly transport: TransportFactory;
  readonly driver: Driver;
  /** Longest wait for an answer, milliseconds. Default 2000: boards that opening resets take so long to start. */
  readonly waitMs?: number;
  readonly clock?: Clock;
}

/** What a port said to a driver. */
export interface ProbeResult {
  readonly driver: string;
  /**
   * `identified`: the sensor said who it is; `fits`: what arrived is in the format of the driver; `other`: something
   * arrived that is not; `silent`: nothing did; `failed`: the port could not be opened, or broke.
   */
  readonly answer: 'identified' | 'fits' | 'other' | 'silent' | 'failed';
  readonly identity?: SensorIdentity;
  /** Bytes that the driver understood, and those that it did not. */
  readonly accepted: number;
  readonly discarded: number;
  /** Why it failed, with the remedy. */
  readonly reason?: string;
}

/** The question is put again after so long, milliseconds. */
const askMs = 500;
/** What arrives is taken for the driver's format from so many good bytes on, and with at most one bad in ten. */
const leastBytes = 64;
const leastShare = 0.9;

/**
 * Opens a port and sees whether a sensor answers to a driver: asks who is there until it says so or `waitMs` are over;
 * drivers without a question are started, listened to and stopped. Never rejects. Sends nothing else, but opening alone
 * may reset a board.
 */
export async function probePort(options: ProbeOptions): Promise<ProbeResult> {
  const { driver } = options;
  const heard = new Heard(driver);
  let transport: Transport | undefined;
  try {
    transport = options.transport();
    await listen(transport, heard, options);
  } catch (error) {
    heard.reason = error instanceof Error ? error.message : String(error);
  }
  const result = heard.result();
  await transport?.close();
  return result;
}

async function listen(transport: Transport, heard: Heard, options: ProbeOptions): Promise<void> {
  const { driver, waitMs = 2000, clock = systemClock } = options;
  let wake = (): void => {};
  await transport.open({
    data(chunk, arrivalUs) {
      driver.push(chunk, heard, arrivalUs);
      if (heard.who !== undefined) wake();
    },
    closed(error) {
      heard.reason = error?.message ?? 'the other end has closed the link';
      wake();
    },
  });
  const ask = driver.describe ?? driver.start;
  for (let passed = 0; passed < waitMs && heard.isOpenQuestion; passed += askMs) {
    if (ask !== undefined && (driver.describe !== undefined || passed === 0)) void transport.write(ask());
    await new Promise<void>((resolve) => {
      const timer = clock.setTimer(resolve, Math.min(askMs, waitMs - passed));
      wake = () => {
        clock.clearTimer(timer);
        resolve();
      };
    });
  }
  if (driver.describe === undefined && driver.stop !== undefined) await transport.write(driver.stop());
}

/** Counts what a driver makes of a port's bytes. */
class Heard implements DriverSink {
  who: SensorIdentity | undefined;
  reason: string | undefined;
  private discarded = 0;

  constructor(private readonly driver: Driver) {}

  get isOpenQuestion(): boolean {
    return this.who === undefined && this.reason === undefined;
  }

  result(): ProbeResult {
    const { discarded } = this;
    const { name, accepted } = this.driver;
    return {
      ...{ driver: name, answer: this.answer(), accepted, discarded },
      ...(this.who === undefined ? {} : { identity: this.who }),
      ...(this.reason === undefined ? {} : { reason: this.reason }),
    };
  }

  private answer(): ProbeResult['answer'] {
    const { accepted, buffered } = this.driver;
    if (this.who !== undefined) return 'identified';
    if (this.reason !== undefined) return 'failed';
    const total = accepted + this.discarded;
    if (accepted >= leastBytes && accepted >= leastShare * total) return 'fits';
    return total + buffered > 0 ? 'other' : 'silent';
  }

  identity(identity: SensorIdentity): void {
    this.who = identity;
  }

  discard(_reason: string, bytes: number): void {
    this.discarded += bytes;
  }

  events(): void {}
  advance(): void {}
  epoch(): void {}
  gap(): void {}
  reject(): void {}
  levels(): void {}
  log(): void {}
}
