/** Pulling the plug of a serial port, as far as a pseudo-terminal can show it: its far end vanishes with its path. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import {
  eventsFrom,
  serialTransport,
  TefDecoder,
  TefEncoder,
  type Transport,
  tefSink,
} from '../../devices/index.js';
import type { Daemon } from '../../runtime/daemon.js';
import { configOf, startDaemon } from '../support/daemon.js';
import type { MqttSpy, Seen } from '../support/mqtt-spy.js';
import { needs } from '../support/programs.js';
import { PtyCable } from '../support/pty.js';
import { hello } from '../support/tef.js';

const skip = needs('socat');

interface DeviceOptions {
  /** Whether DESCRIBE is answered. */
  readonly answers?: boolean;
  readonly closed?: () => void;
}

/** A device on the far end of the cable that answers DESCRIBE, and nothing else. */
async function plugDevice(cable: PtyCable, options: DeviceOptions = {}): Promise<Transport> {
  const { answers = true, closed = () => {} } = options;
  const device = serialTransport({ path: cable.there })();
  const encoder = new TefEncoder();
  const decoder = new TefDecoder({ from: 'host' });
  const sink = tefSink({
    command({ type }) {
      if (answers && type === 'describe') void device.write(encoder.hello({ ...hello, geometryId: 0 }));
    },
  });
  await device.open({ data: (chunk) => decoder.push(chunk, sink), closed });
  return device;
}

/** A daemon with one sensor at the near end of a cable, a device at the far end, and a robot that hears its status. */
class Bench {
  private constructor(
    private readonly t: TestContext,
    readonly cable: PtyCable,
    public device: Transport | undefined,
    readonly daemon: Daemon,
    readonly robot: MqttSpy,
  ) {}

  static async start(t: TestContext, options: DeviceOptions = {}): Promise<Bench> {
    const cable = new PtyCable();
    await cable.plug();
    const device = await plugDevice(cable, options);
    return Bench.open(t, cable, device, {});
  }

  /** A sensor that need not say who it is, at the end of a tap that never stops. */
  static async tapped(t: TestContext): Promise<Bench> {
    const cable = new PtyCable();
    await cable.plugTap();
    return Bench.open(t, cable, undefined, { tickNs: 1000 });
  }

  private static async open(
    t: TestContext,
    cable: PtyCable,
    device: Transport | undefined,
    sensor: object,
  ): Promise<Bench> {
    // The pipeline never has a window; that it runs means that all threads have started and are idle.
    const config = configOf({
      sensors: { finger: { transport: { kind: 'serial', path: cable.here }, ...sensor } },
      pipelines: { touch: { sensors: ['finger'], model: 'demo', window: { kind: 'trigger' } } },
    });
    const { daemon, robot } = await startDaemon(t, config);
    const bench = new Bench(t, cable, device, daemon, robot);
    t.after(async () => {
      await daemon.stop();
      await bench.device?.close();
      await cable.remove();
    });
    return bench;
  }

  get counters() {
    return this.daemon.inputs.get('finger')!.sensor.counters;
  }

  /** The next status of the sensor, not seen before, that fits. */
  status(state: string, reason = /./): Promise<Seen> {
    const from = this.robot.seen.length;
    const fits = ({ topic, json }: Seen): boolean =>
      topic.endsWith('/sensor/finger/status') &&
      json['status'] === state &&
      reason.test(String(json['reason']));
    return this.robot.next((one) => fits(one) && this.robot.seen.indexOf(one) >= from, `status ${state}`);
  }

  /** Fulfilled when the counters are so; they are looked at every 20 ms. */
  async until(condition: (counters: Bench['counters']) => boolean): Promise<void> {
    while (!condition(this.counters)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Pulls the plug; it is noticed, told, and costs nothing while it lasts. Then plugs it in again. */
  async pull(): Promise<void> {
    const pulledAt = performance.now();
    const told = this.status('absent', /is not there|has hung up/);
    // The device's end has hung up as well; nobody probes it here, so it is closed lest it spin.
    const unplugged = this.cable.unplug().then(() => this.device?.close());
    await told;
    const noticedMs = performance.now() - pulledAt;
    await unplugged;
    await this.assertIdle();
    const back = this.status('online');
    await this.cable.plug();
    this.device = await plugDevice(this.cable);
    await back;
    assert.equal(this.counters.opened, 2);
    assert.ok(noticedMs < 1000, `told after ${noticedMs} ms`);
    const how = this.counters.probedDead > 0 ? 'by a probe' : 'by the port itself';
    this.t.diagnostic(`told on MQTT after ${noticedMs.toFixed(0)} ms, noticed ${how}`);
  }

  /** A stretch of two attempts, 1 to 2 s, in which this process must be as good as idle. */
  private async assertIdle(): Promise<void> {
    const { attempts } = this.counters;
    await this.until((now) => now.attempts > attempts);
    const before = process.cpuUsage();
    const beganAt = performance.now();
    await this.until((now) => now.attempts >= attempts + 3);
    const { user, system } = process.cpuUsage(before);
    const share = (user + system) / 1000 / (performance.now() - beganAt);
    this.t.diagnostic(`${(100 * share).toFixed(1)} % of a core while unplugged`);
    assert.ok(share < 0.05, `used ${(100 * share).toFixed(1)} % of a core while unplugged`);
  }
}

/** Events without end, as fast as the link takes them, until it is gone. */
async function talk(device: Transport, isOpen: () => boolean): Promise<void> {
  const encoder = new TefEncoder();
  for (let tUs = 0; isOpen(); tUs += 1000) {
    const burst = Array.from({ length: 100 }, (_, i) => [tUs + i, i % 39, 1] as const);
    await device.write(encoder.events(eventsFrom(burst)));
  }
}

describe('a sensor on a serial port that is pulled and plugged in again', { skip, timeout: 60_000 }, () => {
  test('idle', async (t) => {
    const bench = await Bench.start(t);
    await bench.until(() => bench.daemon.inputs.get('finger')!.sensor.status.state === 'online');
    await bench.pull();
  });

  test('before the first byte', async (t) => {
    const bench = await Bench.start(t, { answers: false });
    await bench.until(({ opened }) => opened === 1);
    assert.equal(bench.counters.bytes, 0);
    await bench.pull();
  });

  test('under traffic', async (t) => {
    let talking = true;
    const closed = (): void => {
      talking = false;
    };
    const bench = await Bench.start(t, { closed });
    await bench.until(() => bench.daemon.inputs.get('finger')!.sensor.status.state === 'online');
    const ended = talk(bench.device!, () => talking);
    await bench.until(({ events }) => events > 10_000);
    await bench.pull();
    await ended;
  });

  test('under traffic of another process, which this one can hardly follow', async (t) => {
    const bench = await Bench.tapped(t);
    // serialport misses a hang-up that a read meets; a ping would meet it first, so pull when the first are sent.
    await bench.until(({ bytes, pings }) => bytes > 2_000_000 && pings === 5);
    await bench.pull();
    assert.equal(bench.counters.probedDead + bench.counters.broken, 1);
  });

  test('under traffic, so soon that its path was never missing', async (t) => {
    let talking = true;
    const closed = (): void => {
      talking = false;
    };
    const bench = await Bench.start(t, { closed });
    await bench.until(() => bench.daemon.inputs.get('finger')!.sensor.status.state === 'online');
    const ended = talk(bench.device!, () => talking);
    await bench.until(({ events }) => events > 10_000);
    const back = bench.status('online');
    await bench.cable.replace();
    await bench.device!.close();
    bench.device = await plugDevice(bench.cable);
    await back;
    assert.deepEqual([bench.counters.opened, bench.counters.broken + bench.counters.probedDead], [2, 1]);
    await ended;
  });
});
