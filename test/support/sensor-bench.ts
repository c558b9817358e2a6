import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  memoryPair,
  type OpenSensorOptions,
  openSensor,
  type Sensor,
  type SensorStatus,
  TefDecoder,
  type Transport,
  tefDriver,
} from '../../devices/index.js';
import { FakeClock } from './clock.js';
import { Recorder, rows } from './tef.js';

/** A sensor on a bench: its links end in the test's hands, and time moves only when the test says so. */
export class SensorBench {
  readonly clock = new FakeClock(0);
  /** What the listener was told, in order. */
  readonly told: unknown[][] = [];
  readonly statuses: SensorStatus[] = [];
  /** Host time of each batch's first event, as known when the listener was told. */
  readonly hostTimes: number[] = [];
  /** Far ends of the links that were opened, the latest last. */
  readonly links: Transport[] = [];
  /** What the sensor sent to the device on the latest link. */
  commands = new Recorder();
  readonly sensor: Sensor;

  constructor(options: Partial<OpenSensorOptions> = {}) {
    this.sensor = openSensor(
      {
        transport: () => this.link(),
        driver: tefDriver(),
        clock: this.clock,
        random: () => 0.5,
        ...options,
      },
      {
        events: (batch) => {
          this.hostTimes.push(this.sensor.clockSync.toHostUs(batch.tUs[0]!));
          this.told.push(['events', rows(batch)]);
        },
        advance: (deviceUs) => this.told.push(['advance', deviceUs]),
        epoch: () => this.told.push(['epoch']),
        status: (status) => {
          this.statuses.push(status);
          this.told.push(['status', status.state]);
        },
        log: (text) => this.told.push(['log', text]),
      },
    );
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let i = 0; i < 6; i++) await nextTurn();
  }

  /** Moves time on in steps of 50 ms. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      this.clock.advance(Math.min(50, ms - passed));
      await this.settle();
    }
  }

  /** The device sends bytes. */
  async send(...frames: Uint8Array[]): Promise<void> {
    for (const frame of frames) await this.links.at(-1)!.write(frame);
    await this.settle();
  }

  get commandTypes(): string[] {
    return this.commands.calls.map(([, command]) => (command as { type: string }).type);
  }

  private link(): Transport {
    const [near, far] = memoryPair({ clock: this.clock });
    const decoder = new TefDecoder({ from: 'host' });
    this.commands = new Recorder();
    const { commands } = this;
    void far.open({ data: (chunk) => decoder.push(chunk, commands), closed: () => {} });
    this.links.push(far);
    return near;
  }
}
