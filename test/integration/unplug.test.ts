/** Pulling the plug of a serial port, as far as a pseudo-terminal can show it: its far end vanishes with its path. */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import {
  eventsFrom,
  openSensor,
  type Sensor,
  type SensorState,
  serialTransport,
  TefDecoder,
  TefEncoder,
  type Transport,
  tefDriver,
  tefSink,
} from '../../devices/index.js';
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
      if (answers && type === 'describe') void device.write(encoder.hello(hello));
    },
  });
  await device.open({ data: (chunk) => decoder.push(chunk, sink), closed });
  return device;
}

describe('a sensor on a serial port', { skip }, () => {
  let cable: PtyCable;
  let device: Transport;
  let sensor: Sensor;
  let events = 0;
  let changed: () => void;

  /** Fulfilled when the condition holds; it is looked at whenever the sensor says something or tries to open. */
  function until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      changed = () => {
        if (condition()) resolve();
      };
      changed();
    });
  }

  const state = (wanted: SensorState) => until(() => sensor.status.state === wanted);

  async function begin(options: DeviceOptions = {}): Promise<void> {
    changed = () => {};
    cable = new PtyCable();
    await cable.plug();
    device = await plugDevice(cable, options);
    const port = serialTransport({ path: cable.here });
    const transport = (): Transport => {
      changed();
      return port();
    };
    sensor = openSensor(
      { transport, driver: tefDriver() },
      {
        events(batch) {
          events += batch.length;
          changed();
        },
        advance() {},
        epoch() {},
        status: () => changed(),
      },
    );
  }

  afterEach(async () => {
    await sensor.close();
    await device.close();
    await cable.remove();
  });

  /** Pulls the plug, checks that it is noticed in time and without a busy core, plugs it in and waits for the sensor. */
  async function pull(): Promise<void> {
    const pulledAt = performance.now();
    const cpuBefore = process.cpuUsage();
    // The device's end has hung up as well; nobody probes it here, so it is closed lest it spin.
    const unplugged = cable.unplug().then(() => device.close());
    await Promise.all([unplugged, state('absent')]);
    assert.ok(performance.now() - pulledAt < 1000, `noticed after ${performance.now() - pulledAt} ms`);
    await until(() => sensor.counters.attempts >= 3);
    const { user, system } = process.cpuUsage(cpuBefore);
    const share = (user + system) / 1000 / (performance.now() - pulledAt);
    assert.ok(share < 0.3, `used ${share} of a core while unplugged`);
    await cable.plug();
    device = await plugDevice(cable);
    await state('online');
    assert.equal(sensor.counters.opened, 2);
  }

  test('idle', async () => {
    await begin();
    await state('online');
    await pull();
  });

  test('before the first byte', async () => {
    await begin({ answers: false });
    await until(() => sensor.status.reason.startsWith('open;'));
    assert.equal(sensor.counters.bytes, 0);
    await pull();
  });

  test('under traffic', async () => {
    let talking = true;
    await begin({
      closed: () => {
        talking = false;
      },
    });
    await state('online');
    const encoder = new TefEncoder();
    const talker = device;
    const talk = async (): Promise<void> => {
      for (let tUs = 0; talking; tUs += 1000) {
        const burst = Array.from({ length: 100 }, (_, i) => [tUs + i, i % 39, 1] as const);
        await talker.write(encoder.events(eventsFrom(burst)));
      }
    };
    const ended = talk();
    const before = events;
    await until(() => events > before + 10_000);
    await pull();
    await ended;
  });
});
