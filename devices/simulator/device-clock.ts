import type { Clock } from '../clock.js';

/**
 * The clock of the simulated device, in device microseconds. At a finite speed it runs that many times faster than the
 * host's. At infinite speed it stands, and moves when a frame is sent (`reached`), until `runOn`.
 */
export class DeviceClock {
  readonly #host: Clock;
  #rate: number;
  #hostZeroUs: number;
  #deviceZeroUs = 0;

  constructor(host: Clock, speed: number) {
    if (!(speed > 0)) throw new RangeError(`speed is ${speed}; it must be above 0`);
    this.#host = host;
    this.#rate = speed === Number.POSITIVE_INFINITY ? 0 : speed;
    this.#hostZeroUs = host.nowUs();
  }

  /** Whole microseconds since the clock was zero. */
  nowUs(): number {
    return Math.floor(this.#deviceZeroUs + (this.#host.nowUs() - this.#hostZeroUs) * this.#rate);
  }

  /** Host milliseconds until a device time; 0 when it is past or will not come by itself. */
  msUntil(deviceUs: number): number {
    return this.#rate === 0 ? 0 : Math.max(0, (deviceUs - this.nowUs()) / this.#rate / 1000);
  }

  /** All that comes before this device time is done. */
  reached(deviceUs: number): void {
    if (this.#rate === 0) this.#deviceZeroUs = Math.max(this.#deviceZeroUs, deviceUs);
  }

  /** From now on the clock runs by itself: a standing one as fast as the host's. */
  runOn(): void {
    if (this.#rate > 0) return;
    this.#rate = 1;
    this.#hostZeroUs = this.#host.nowUs();
  }

  /** Sets the clock to zero. */
  zero(): void {
    this.#deviceZeroUs = 0;
    this.#hostZeroUs = this.#host.nowUs();
  }
}
