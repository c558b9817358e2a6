import { setImmediate as turn } from 'node:timers/promises';
import {
  memoryPair,
  neutouchB,
  SimulatedDevice,
  type SimulatedDeviceOptions,
  TefDecoder,
  TefEncoder,
  TefStream,
  type Transport,
  tefSink,
} from '../../devices/index.js';
import { FakeClock } from './clock.js';

/** The host's end of a link to a device, on a clock that the test moves. */
export class DeviceBench {
  readonly clock = new FakeClock();
  readonly device: SimulatedDevice;
  readonly encoder = new TefEncoder();
  /** What arrived, a line each. */
  readonly log: string[] = [];
  served: Promise<void> = Promise.resolve();
  host: Transport | undefined;

  constructor(source: SimulatedDeviceOptions['source'], options: Partial<SimulatedDeviceOptions> = {}) {
    this.device = new SimulatedDevice({
      geometry: neutouchB,
      source,
      clock: this.clock,
      bootId: 7,
      ...options,
    });
  }

  async connect(): Promise<this> {
    const [near, far] = memoryPair({ clock: this.clock });
    const decoder = new TefDecoder({ taxels: 39, tickNs: 1000 });
    const { log } = this;
    const sink = tefSink({
      hello: ({ bootId, taxels }) => log.push(`hello ${taxels} boot ${bootId}`),
      events: ({ length, tUs, taxel, polarity }) => {
        for (let i = 0; i < length; i++) log.push(`${tUs[i]} ${taxel[i]}${polarity[i] === 1 ? '+' : '-'}`);
      },
      status: ({ uptimeTicks, events, dropped }) =>
        log.push(`status ${uptimeTicks} of ${events}, ${dropped} lost`),
      levels: ({ tUs, values }) => log.push(`levels ${tUs}: ${values.slice(0, 3).join(' ')}`),
      pong: ({ nonce, rxTicks, txTicks }) => log.push(`pong ${nonce} at ${rxTicks} ${txTicks}`),
      ack: ({ seq, status }) => log.push(`ack ${seq} ${status}`),
      gap: (kind, count) => log.push(`gap ${count} ${kind}`),
      epoch: () => log.push('epoch'),
      discard: (reason) => log.push(`discard ${reason}`),
    });
    this.served = this.device.serve(far);
    await near.open({ data: (chunk) => decoder.push(chunk, sink), closed: () => log.push('closed') });
    this.host = near;
    await this.settle();
    return this;
  }

  async say(bytes: Uint8Array): Promise<string[]> {
    await this.host!.write(bytes);
    return this.settle();
  }

  start(stream: number = TefStream.events, flushUs = 0): Promise<string[]> {
    return this.say(this.encoder.start(stream, flushUs));
  }

  /** Lets `ms` pass, timer by timer, and returns what has arrived since the last look. */
  async pass(ms: number): Promise<string[]> {
    for (let left = ms; left > 0; ) {
      const step = Math.min(left, Math.max(0.001, this.clock.nextDueMs ?? left));
      this.clock.advance(step);
      left -= step;
      await this.settle(false);
    }
    return this.settle();
  }

  async settle(take = true): Promise<string[]> {
    for (let i = 0; i < 6; i++) await turn();
    return take ? this.log.splice(0) : [];
  }
}
