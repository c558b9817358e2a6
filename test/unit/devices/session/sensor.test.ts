import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventsFrom, TefCaps, TefEncoder, TransportError, tefDriver } from '../../../../devices/index.js';
import { SensorBench } from '../../../support/sensor-bench.js';
import { hello } from '../../../support/tef.js';

const heartbeat = { events: 0, dropped: 0, overruns: 0 };

async function online(): Promise<{ bench: SensorBench; device: TefEncoder }> {
  const bench = new SensorBench();
  const device = new TefEncoder();
  await bench.settle();
  await bench.send(device.hello(hello));
  return { bench, device };
}

test('a TEF sensor: asked, identified, started, then its events and its time', async () => {
  const { bench, device } = await online();
  assert.deepEqual(bench.commandTypes, ['describe', 'start']);
  assert.deepEqual(bench.commands.calls[1], ['command', { type: 'start', seq: 1, stream: 1, flushUs: 2000 }]);
  const { state, reason, identity } = bench.sensor.status;
  assert.deepEqual([state, reason], ['online', 'connected to neutouch39']);
  assert.equal(identity?.uid, '0102030405060708');
  assert.equal(identity?.firmware, '1.0.0');
  await bench.send(
    device.events(eventsFrom([[1000, 3, 1]])),
    device.status({ ...heartbeat, uptimeTicks: 400_000 }),
  );
  assert.deepEqual(
    bench.told.filter(([what]) => what !== 'status'),
    [
      ['events', [[1000, 3, 1]]],
      ['advance', 400_000],
    ],
  );
  assert.equal(bench.sensor.counters.events, 1);
  await bench.sensor.close();
  await bench.settle();
  assert.deepEqual(bench.commandTypes, ['describe', 'start', 'stop']);
  assert.equal(bench.clock.waiting, 0);
});

test('events have a host time as soon as they are told', async () => {
  const bench = new SensorBench();
  await bench.settle();
  bench.clock.advance(10);
  const device = new TefEncoder();
  await bench.send(device.hello(hello), device.events(eventsFrom([[5_000_000, 3, 1]])));
  assert.deepEqual(bench.hostTimes, [10_000]);
  await bench.sensor.close();
});

test('what is wrong on the wire is counted, and the sensor goes on', async () => {
  const { bench, device } = await online();
  const damaged = device.events(eventsFrom([[1000, 3, 1]])).map((byte, i) => (i === 6 ? byte ^ 1 : byte));
  await bench.send(damaged, device.events(eventsFrom([[2000, 39, 1]]), { dropped: 4 }));
  await bench.send(device.events(eventsFrom([[1500, 3, 1]])), Uint8Array.of(5, 5));
  const { counters } = bench.sensor;
  assert.equal(counters.discarded.crc, damaged.length);
  assert.equal(counters.rejected.taxel, 1);
  assert.equal(counters.framesLost, 1);
  assert.equal(counters.eventsLost, 4);
  assert.equal(counters.backward, 1);
  assert.deepEqual(bench.told.at(-1), ['events', [[2000, 3, 1]]]);
  await bench.sensor.close();
  assert.equal(counters.discarded.partial, 2);
});

describe('links that break', () => {
  test('an absent port is tried again until it is there', async () => {
    const absent = new SensorBench({
      transport: () => {
        throw new TransportError('ENOENT', 'no port');
      },
    });
    await absent.pass(20_000);
    assert.equal(absent.sensor.counters.attempts, 8, '0, 0.25, 0.75, 1.75, 3.75, 7.75, 12.75, 17.75 s');
    assert.deepEqual(
      absent.statuses.map(({ state, reason }) => `${state}: ${reason}`),
      ['connecting: opening', 'absent: no port'],
    );
    await absent.sensor.close();
  });

  test('a broken link is an epoch; the next one is asked and started anew', async () => {
    const { bench, device } = await online();
    await bench.send(device.events(eventsFrom([[9_000_000, 3, 1]])));
    await bench.links[0]!.close();
    await bench.settle();
    assert.equal(bench.sensor.status.state, 'absent');
    assert.deepEqual(bench.told.at(-1), ['epoch']);
    await bench.pass(300);
    assert.equal(bench.links.length, 2);
    await bench.send(new TefEncoder().hello(hello), new TefEncoder().events(eventsFrom([[10, 3, 1]])));
    assert.deepEqual(bench.commandTypes, ['describe', 'start']);
    assert.deepEqual(bench.told.at(-1), ['events', [[10, 3, 1]]]);
    assert.deepEqual(bench.hostTimes, [0, 300_000], 'the clock mapping begins anew');
    assert.equal(bench.sensor.counters.epochs, 1);
    assert.equal(bench.sensor.counters.broken, 1);
    await bench.sensor.close();
  });

  test('a sensor that falls silent is said to be so, and its link is opened anew after 5 s', async () => {
    const { bench, device } = await online();
    await bench.pass(1400);
    assert.equal(bench.sensor.status.state, 'online');
    await bench.pass(300);
    assert.equal(bench.sensor.status.state, 'silent');
    await bench.send(device.status({ ...heartbeat, uptimeTicks: 5 }));
    await bench.pass(100);
    assert.equal(bench.sensor.status.state, 'online');
    await bench.pass(5500);
    assert.equal(bench.links.length, 2);
    await bench.sensor.close();
  });

  test('how long that takes can be changed while it is open', async () => {
    const { bench } = await online();
    bench.sensor.reopenAfter(60_000);
    await bench.pass(20_000);
    assert.equal(bench.links.length, 1);
    bench.sensor.reopenAfter(5000);
    await bench.pass(1000);
    assert.equal(bench.links.length, 2);
    await bench.sensor.close();
  });

  test('a paused sensor is not silent', async () => {
    const { bench } = await online();
    bench.sensor.pause();
    await bench.pass(8000);
    assert.equal(bench.sensor.status.state, 'online');
    assert.equal(bench.links.length, 1);
    await bench.sensor.close();
  });
});

test('a device that restarts on an open link is an epoch and is started again', async () => {
  const { bench, device } = await online();
  await bench.send(device.events(eventsFrom([[9_000_000, 3, 1]])));
  const rebooted = new TefEncoder();
  await bench.send(rebooted.hello({ ...hello, bootId: 77 }), rebooted.events(eventsFrom([[50, 3, 1]])));
  assert.equal(bench.commandTypes.filter((type) => type === 'start').length, 2);
  assert.deepEqual(
    bench.told.slice(-3).map(([what]) => what),
    ['epoch', 'status', 'events'],
  );
  assert.equal(bench.sensor.status.identity?.bootId, 77);
  assert.equal(bench.sensor.counters.framesLost, 0);
  await bench.sensor.close();
});

test('a profile with taxels and tick needs no HELLO; a clock that jumps back is an epoch', async () => {
  const bench = new SensorBench({ driver: tefDriver({ taxels: 39, tickNs: 1000 }) });
  await bench.settle();
  const device = new TefEncoder();
  await bench.send(device.events(eventsFrom([[9_000_000, 3, 1]])), device.events(eventsFrom([[10, 4, 0]])));
  assert.deepEqual(bench.told, [
    ['status', 'connecting'],
    ['status', 'online'],
    ['events', [[9_000_000, 3, 1]]],
    ['epoch'],
    ['events', [[10, 4, 0]]],
  ]);
  assert.deepEqual(bench.commandTypes, ['start', 'start']);
  await bench.sensor.close();
});

test('answers to pings bound the clock: by the round trip, whatever the way of the events is', async () => {
  const { bench, device } = await online();
  await bench.send(device.events(eventsFrom([[5_000_000, 3, 1]])));
  assert.equal(bench.sensor.clockSync.boundUs(5_000_000), Number.POSITIVE_INFINITY);
  await bench.pass(100);
  const asked = bench.commands.calls.at(-1)![1] as { type: string; nonce: number };
  assert.equal(asked.type, 'ping');
  bench.clock.advance(2);
  const { nonce } = asked;
  await bench.send(device.pong({ nonce, rxTicks: 5_101_000, txTicks: 5_101_000 }));
  const { boundUs, source } = bench.sensor.clockSync.report()!;
  assert.equal(source, 'echo');
  assert.ok(boundUs < 2000, `bound ${boundUs}`);
  const error = bench.sensor.clockSync.toHostUs(5_101_000) - 101_000;
  assert.ok(Math.abs(error) <= bench.sensor.clockSync.boundUs(5_101_000), `error ${error}`);
  await bench.send(device.pong({ nonce, rxTicks: 9_000_000, txTicks: 9_000_000 }));
  assert.equal(bench.sensor.counters.roundTrips, 1, 'an answer counts once');
  await bench.sensor.close();
});

describe('after a gap the levels are asked for anew', () => {
  const losing = async (caps: number): Promise<SensorBench> => {
    const bench = new SensorBench();
    const device = new TefEncoder();
    await bench.settle();
    await bench.send(device.hello({ ...hello, caps }));
    await bench.send(device.events(eventsFrom([[1000, 3, 1]]), { dropped: 2 }));
    await bench.pass(200);
    await bench.sensor.close();
    return bench;
  };

  test('once', async () => {
    const bench = await losing(TefCaps.levels | TefCaps.keyframes);
    assert.equal(bench.commandTypes.filter((type) => type === 'keyframe').length, 1);
    assert.equal(bench.sensor.counters.keyframes, 1);
  });

  test('but not of a device that has none', async () => {
    const bench = await losing(TefCaps.levels);
    assert.ok(!bench.commandTypes.includes('keyframe'));
    assert.equal(bench.sensor.counters.keyframes, 0);
  });
});

test('text of the device is handed on', async () => {
  const { bench, device } = await online();
  await bench.send(device.log('warming up'));
  assert.deepEqual(bench.told.at(-1), ['log', 'warming up']);
  await bench.sensor.close();
});

test('once: when the link ends the sensor has ended', async () => {
  const bench = new SensorBench({ once: true });
  await bench.settle();
  await bench.links[0]!.close();
  await bench.sensor.ended;
  assert.equal(bench.sensor.status.reason, 'the capture has ended');
  assert.equal(bench.clock.waiting, 0);
});

test('closing while a link opens leaves nothing open', async () => {
  let closed = 0;
  let opening: (() => void) | undefined;
  const bench = new SensorBench({
    transport: () => ({
      name: 'slow',
      open: () =>
        new Promise((_, reject) => {
          opening = () => reject(new TransportError('ECANCELED', 'closed'));
        }),
      write: async () => {},
      pause() {},
      resume() {},
      probe: async () => {},
      close: async () => {
        closed++;
        opening?.();
      },
    }),
  });
  await bench.settle();
  await bench.sensor.close();
  await bench.pass(1000);
  assert.equal(closed, 1);
  assert.equal(bench.sensor.counters.attempts, 1);
});
