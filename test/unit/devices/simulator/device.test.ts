import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type EventBatch,
  eventsFrom,
  geometryId,
  memoryPair,
  neutouchB,
  SimulatedDevice,
  type SimulatedDeviceOptions,
  TefDecoder,
  TefEncoder,
  TefStream,
  tefSink,
} from '../../../../devices/index.js';
import { DeviceBench } from '../../../support/device-bench.js';

const touch: EventBatch[] = [
  eventsFrom([
    [100_000, 0, 1],
    [100_500, 1, 1],
    [103_000, 0, 0],
  ]),
  eventsFrom([[700_000, 2, 1]]),
];

suite('a simulated device', () => {
  test('says who it is when asked, and nothing else before START', async () => {
    const bench = await new DeviceBench(touch).connect();
    assert.deepEqual(await bench.pass(3000), []);
    assert.deepEqual(await bench.say(bench.encoder.describe()), ['hello 39 boot 7']);
    assert.deepEqual(await bench.pass(3000), []);
  });

  test('its HELLO names the geometry, clock, capabilities and serial number', async () => {
    const [near, far] = memoryPair();
    const device = new SimulatedDevice({
      geometry: neutouchB,
      source: [],
      uid: '0123456789abcdef',
      name: 'thumb',
    });
    const served = device.serve(far);
    const hello = await new Promise((resolve) => {
      const decoder = new TefDecoder();
      const sink = tefSink({ hello: (info) => resolve({ ...info, bootId: 0 }) });
      void near.open({ data: (chunk) => decoder.push(chunk, sink), closed: () => {} });
      void near.write(new TefEncoder().describe());
    });
    assert.deepEqual(hello, {
      ...{ tickNs: 1000, taxels: 39, caps: 7, geometryId: geometryId(neutouchB), uid: '0123456789abcdef' },
      ...{ firmware: [1, 0, 0], bootId: 0, name: 'thumb' },
    });
    await near.close();
    await served;
  });

  test('streams from START on, at real pace: frames when their first event is 2 ms old, STATUS every 500 ms', async () => {
    const bench = await new DeviceBench(touch, { tailUs: 900_000 }).connect();
    assert.deepEqual(await bench.start(), ['ack 0 0', 'status 0 of 0, 0 lost']);
    assert.deepEqual(await bench.pass(101.9), []);
    assert.deepEqual(await bench.pass(0.2), ['100000 0+', '100500 1+']);
    assert.deepEqual(await bench.pass(2), []);
    assert.deepEqual(await bench.pass(1), ['103000 0-']);
    assert.deepEqual(await bench.pass(394.9), ['status 500000 of 3, 0 lost']);
    assert.deepEqual(await bench.pass(500), ['700000 2+', 'status 1000000 of 4, 0 lost']);
  });

  test('tells the time after its last event, so that windows close, and stays with its heartbeat', async () => {
    const bench = await new DeviceBench(touch, { tailUs: 900_000 }).connect();
    let finished = false;
    void bench.device.finished.then(() => {
      finished = true;
    });
    await bench.start();
    await bench.pass(1500);
    assert.equal(finished, false);
    assert.deepEqual(await bench.pass(100), ['status 1600000 of 4, 0 lost']);
    assert.equal(finished, true);
    assert.deepEqual(await bench.pass(1000), ['status 2100000 of 4, 0 lost', 'status 2600000 of 4, 0 lost']);
  });

  test('runs faster than life when told to', async () => {
    const bench = await new DeviceBench(touch, { speed: 100 }).connect();
    await bench.start();
    assert.deepEqual(await bench.pass(1.1), ['100000 0+', '100500 1+', '103000 0-']);
    assert.deepEqual((await bench.pass(26)).at(-1), 'status 2700000 of 4, 0 lost');
  });

  test('or as fast as the link takes it, times as at real pace; then its clock runs on', async () => {
    const bench = await new DeviceBench(touch, { speed: Number.POSITIVE_INFINITY }).connect();
    assert.deepEqual(await bench.start(), [
      ...[
        'ack 0 0',
        'status 0 of 0, 0 lost',
        '100000 0+',
        '100500 1+',
        '103000 0-',
        'status 500000 of 3, 0 lost',
      ],
      ...[
        '700000 2+',
        'status 1000000 of 4, 0 lost',
        'status 1500000 of 4, 0 lost',
        'status 2000000 of 4, 0 lost',
      ],
      ...['status 2500000 of 4, 0 lost', 'status 2700000 of 4, 0 lost'],
    ]);
    await bench.device.finished;
    assert.deepEqual(await bench.pass(1000), ['status 3200000 of 4, 0 lost', 'status 3700000 of 4, 0 lost']);
  });

  test('starts at once when told to', async () => {
    const bench = new DeviceBench(touch, { startAtOnce: true });
    await bench.connect();
    assert.deepEqual((await bench.pass(110)).at(-1), '103000 0-');
  });

  test('takes the flush time from START, and leaves it alone when it is 0', async () => {
    const bench = await new DeviceBench(touch).connect();
    await bench.start(TefStream.events, 50_000);
    assert.deepEqual(await bench.pass(149.9), []);
    assert.deepEqual(await bench.pass(0.2), ['100000 0+', '100500 1+', '103000 0-']);
  });

  test('halts at STOP and goes on at the next START, losing nothing', async () => {
    const bench = await new DeviceBench(touch).connect();
    await bench.start();
    await bench.pass(101);
    assert.deepEqual(await bench.say(bench.encoder.stop()), ['ack 1 0']);
    assert.deepEqual(await bench.pass(10_000), []);
    assert.deepEqual(await bench.start(), ['ack 2 0', 'status 10101000 of 0, 0 lost']);
    assert.deepEqual(await bench.pass(110), ['10201000 0+', '10201500 1+', '10204000 0-']);
  });

  test('a second START changes nothing but the flush time', async () => {
    const bench = await new DeviceBench(touch).connect();
    await bench.start();
    await bench.pass(50);
    assert.deepEqual(await bench.start(), ['ack 1 0']);
    assert.deepEqual(await bench.pass(55.2), ['100000 0+', '100500 1+', '103000 0-']);
  });

  test('refuses to stream anything but events, and settings it does not know', async () => {
    const bench = await new DeviceBench(touch).connect();
    assert.deepEqual(await bench.start(TefStream.levels), ['ack 0 1']);
    assert.deepEqual(await bench.say(bench.encoder.config(3, new Uint8Array([1]))), ['ack 1 1']);
    assert.deepEqual(await bench.pass(1000), []);
  });

  test('answers PING with its clock', async () => {
    const bench = await new DeviceBench(touch, { speed: 2 }).connect();
    await bench.pass(250);
    assert.deepEqual(await bench.say(bench.encoder.ping(99)), ['pong 99 at 500000 500000']);
  });

  test('a keyframe has ON minus OFF of every taxel, as sent so far', async () => {
    const bench = await new DeviceBench(touch).connect();
    assert.deepEqual(await bench.start(TefStream.events | TefStream.levels), [
      ...['ack 0 0', 'status 0 of 0, 0 lost', 'levels 0: 0 0 0'],
    ]);
    await bench.pass(200);
    assert.deepEqual(await bench.say(bench.encoder.keyframe()), ['levels 105000: 0 1 0']);
  });

  test('its clock can be set to zero while it streams', async () => {
    const bench = await new DeviceBench(touch).connect();
    await bench.start();
    await bench.pass(600);
    assert.deepEqual(await bench.say(bench.encoder.clockZero()), [
      'ack 1 0',
      'epoch',
      'status 0 of 3, 0 lost',
    ]);
    assert.deepEqual(await bench.pass(501), ['200000 2+', 'status 500000 of 4, 0 lost']);
  });

  test('reboots with another boot id, and waits for START again', async () => {
    const bench = await new DeviceBench(touch).connect();
    await bench.start();
    await bench.pass(200);
    await bench.say(bench.encoder.describe());
    assert.deepEqual(await bench.say(bench.encoder.reboot()), ['ack 2 0', 'epoch', 'hello 39 boot 8']);
    assert.deepEqual(await bench.pass(1000), []);
    assert.deepEqual(await bench.start(), ['ack 3 0', 'status 1000000 of 3, 0 lost']);
    assert.deepEqual((await bench.pass(700)).filter((line) => line.endsWith('+')).length, 1);
  });

  test('serves one link after the other; without one its source halts', async () => {
    const bench = await new DeviceBench(touch).connect();
    await bench.start();
    await bench.pass(50);
    await assert.rejects(bench.device.serve(memoryPair()[1]), /one link at a time/);
    await bench.host!.close();
    await bench.settle();
    await bench.served;
    await bench.pass(1000);
    await bench.connect();
    await bench.start();
    assert.deepEqual((await bench.pass(110)).slice(0, 1), ['1150000 0+']);
  });

  test('counts what its source cannot mean, and tells the host', async () => {
    const source = [
      eventsFrom([
        [1000, 0, 1],
        [500, 0, 1],
        [2000, 39, 1],
        [2500, 1, 1],
      ]),
    ];
    const bench = await new DeviceBench(source).connect();
    await bench.start();
    const lines = await bench.pass(600);
    assert.deepEqual(lines, ['gap 2 events', '1000 0+', '2500 1+', 'status 500000 of 2, 2 lost']);
    assert.equal(bench.device.dropped, 2);
    assert.equal(bench.device.events, 2);
  });

  test('a source may take its time; one that fails ends the service with its error', async () => {
    async function* source(): AsyncGenerator<EventBatch> {
      await turn();
      yield eventsFrom([[1000, 0, 1]]);
      throw new Error('the recording is damaged');
    }
    const bench = await new DeviceBench(source()).connect();
    const failed = assert.rejects(bench.served, /the recording is damaged/);
    await bench.start();
    await failed;
    await bench.settle(false);
    assert.equal(bench.log.at(-1) ?? 'closed', 'closed');
  });

  test('garbage from the host is no command', async () => {
    const bench = await new DeviceBench(touch).connect();
    const line = Uint8Array.from({ length: 4096 }, (_, i) => (i * 89 + 7) & 0xff);
    assert.deepEqual(await bench.say(line), []);
    assert.deepEqual(await bench.say(bench.encoder.describe()), []);
    assert.deepEqual(await bench.say(bench.encoder.describe()), ['hello 39 boot 7']);
  });

  test('options out of range are refused', () => {
    const make = (options: Partial<SimulatedDeviceOptions>) => () =>
      new SimulatedDevice({ geometry: neutouchB, source: [], ...options });
    assert.throws(make({ speed: 0 }), /speed is 0/);
    assert.throws(make({ speed: Number.NaN }), RangeError);
    assert.throws(make({ frameBytes: 8 }), /frameBytes/);
  });
});
