import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  eventsFrom,
  memoryPair,
  neutouchB,
  type SensorStatus,
  TefEncoder,
  type Transport,
} from '../../../../devices/index.js';
import { loadConfig } from '../../../../runtime/config/index.js';
import { type HearingPipeline, Input } from '../../../../runtime/edge/inputs.js';
import { FakeClock } from '../../../support/clock.js';
import { hello } from '../../../support/tef.js';

/** A pipeline that writes down what it hears. */
class Listener implements HearingPipeline {
  readonly heard: unknown[][] = [];
  readonly counters = { windows: 0, answered: 0, dropped: 0, shedWindows: 0, lost: 0, failed: 0, cut: 0 };
  add(finger: number, { length, tUs }: { length: number; tUs: Float64Array }, arrivedUs?: number): void {
    this.heard.push(['add', finger, [...tUs.subarray(0, length)], arrivedUs]);
  }
  advance(finger: number, tUs: number, arrivedUs?: number): void {
    this.heard.push(['advance', finger, tUs, arrivedUs]);
  }
  epoch(finger: number): void {
    this.heard.push(['epoch', finger]);
  }
  gap(finger: number): void {
    this.heard.push(['gap', finger]);
  }
  setOffset(finger: number, offsetUs: number): void {
    this.heard.push(['offset', finger, offsetUs]);
  }
  setOnline(finger: number, online: boolean): void {
    this.heard.push([online ? 'online' : 'offline', finger]);
  }
  flush(): void {
    this.heard.push(['flush']);
  }

  /** What was heard since the last look. */
  take(): unknown[][] {
    return this.heard.splice(0);
  }
}

interface Options {
  readonly kind?: 'simulator' | 'replay';
  readonly lossless?: boolean;
  /** Sensors of the pipeline; the input is `b`. */
  readonly sensors?: readonly string[];
}

/** An input whose sensor is played by the test; `arrival` is the host's clock. */
async function setUp(
  t: TestContext,
  { kind = 'simulator', lossless = false, sensors = ['b'] }: Options = {},
) {
  const transport = kind === 'replay' ? { kind, file: 'x' } : { kind };
  const value = { b: { transport } };
  const loaded = loadConfig({ overrides: [{ path: ['sensors'], value, source: 'test' }] });
  assert.ok('config' in loaded);
  const clock = new FakeClock();
  const links: Transport[] = [];
  const link = (): Transport => {
    const [near, far] = memoryPair({ clock });
    void far.open({ data: () => {}, closed: () => {} });
    links.push(far);
    return near;
  };
  const pipeline = new Listener();
  const statuses: SensorStatus['state'][] = [];
  let events = 0;
  const input = new Input({
    plan: { name: 'b', config: loaded.config.sensors['b']!, geometry: neutouchB, transport: link, lossless },
    pipelines: [
      { pipeline, sensors },
      { pipeline: new Listener(), sensors: ['someone else'] },
    ],
    monoUs: () => clock.monoUs(),
    onStatus: ({ state }) => statuses.push(state),
    onEvents: ({ length }) => (events += length),
  });
  t.after(() => input.close());
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 8; i++) await nextTurn();
  };
  const encoder = new TefEncoder();
  const send = async (...frames: Uint8Array[]): Promise<void> => {
    for (const frame of frames) await links.at(-1)!.write(frame);
    await settle();
  };
  await settle();
  await send(encoder.hello(hello));
  const at = (...times: number[]): Uint8Array => encoder.events(eventsFrom(times.map((tUs) => [tUs, 3, 1])));
  const clockReads = (uptimeTicks: number): Uint8Array =>
    encoder.status({ uptimeTicks, events: 0, dropped: 0, overruns: 0 });
  return { input, pipeline, clock, links, statuses, send, settle, at, clockReads, events: () => events };
}

describe('an input', () => {
  test('hands events and time on, with the time of their arrival, and its state', async (t) => {
    const { pipeline, clock, statuses, send, at, clockReads, events } = await setUp(t);
    assert.deepEqual(pipeline.take(), [
      ['offline', 0],
      ['offline', 0],
      ['online', 0],
    ]);
    assert.deepEqual(statuses, ['connecting', 'connecting', 'online']);
    clock.advance(5);
    await send(at(1000, 1500));
    clock.advance(2);
    await send(clockReads(9000));
    assert.deepEqual(pipeline.take(), [
      ['add', 0, [1000, 1500], 5000],
      ['advance', 0, 9000, 7000],
    ]);
    assert.equal(events(), 2);
  });

  test('of several in a pipeline is aligned to the host, and is the finger of its place', async (t) => {
    const { input, pipeline, clock, send, at, clockReads } = await setUp(t, { sensors: ['a', 'b', 'c'] });
    pipeline.take();
    clock.advance(50);
    await send(at(1000, 40_000));
    const offsetUs = clock.nowUs() - 40_000;
    await send(clockReads(41_000));
    const heard = pipeline.take();
    assert.deepEqual(heard.slice(0, 2), [
      ['offset', 1, offsetUs],
      ['add', 1, [1000, 40_000], 50_000],
    ]);
    assert.deepEqual(heard[2]!.slice(0, 2), ['offset', 1]);
    assert.deepEqual(heard[3], ['advance', 1, 41_000, 50_000]);
    assert.equal(input.toHostUs(40_000) - 40_000, heard[2]![2]);
  });

  test('tells a restart of its clock', async (t) => {
    const { pipeline, send, at, clockReads } = await setUp(t);
    await send(at(5_000_000));
    pipeline.take();
    await send(clockReads(10));
    assert.deepEqual(
      pipeline.take().map(([what]) => what),
      ['epoch', 'advance'],
    );
  });

  test('tells that something was lost on the way, once, before what comes next', async (t) => {
    const { pipeline, send, at, clockReads } = await setUp(t);
    await send(at(1000));
    pipeline.take();
    at(2000); // a frame that is never sent
    await send(at(3000), at(4000));
    assert.deepEqual(
      pipeline.take().map(([what, , times]) => [what, times]),
      [
        ['gap', undefined],
        ['add', [3000]],
        ['add', [4000]],
      ],
    );
    const damaged = at(5000);
    damaged[4]! ^= 1;
    await send(damaged, clockReads(9000));
    assert.deepEqual(
      pipeline.take().map(([what]) => what),
      ['gap', 'advance'],
    );
  });

  test('still knows the moments of its last windows when its link is lost', async (t) => {
    const { input, clock, links, send, settle, at } = await setUp(t);
    assert.ok(Number.isNaN(input.toHostUs(0)));
    assert.equal(input.boundUs(0), Number.POSITIVE_INFINITY);
    clock.advance(30);
    await send(at(10_000, 20_000));
    const [hostUs, boundUs] = [input.toHostUs(15_000), input.boundUs(20_000)];
    assert.equal(hostUs, clock.nowUs() - 5000);
    await links[0]!.close();
    await settle();
    assert.ok(Number.isNaN(input.sensor.clockSync.toHostUs(15_000)), 'the clock was forgotten');
    assert.equal(input.toHostUs(15_000), hostUs);
    assert.equal(input.boundUs(20_000), boundUs);
  });
});

describe('a recording', () => {
  test('is halted while windows wait, and goes on when few do: nothing is lost', async (t) => {
    const { input, pipeline, send, settle, at, clockReads } = await setUp(t, { lossless: true });
    pipeline.take();
    pipeline.counters.windows = 7;
    await send(at(1000));
    pipeline.counters.windows = 8;
    await send(at(2000));
    await send(at(3000), clockReads(4000));
    assert.deepEqual(
      pipeline.take().map(([, , times]) => times),
      [[1000], [2000]],
    );
    pipeline.counters.answered = 4;
    pipeline.counters.dropped = 1;
    input.settled();
    await settle();
    assert.deepEqual(pipeline.take(), [], 'three windows still wait');
    pipeline.counters.failed = 1;
    input.settled();
    await settle();
    assert.deepEqual(
      pipeline.take().map(([what, , times]) => [what, times]),
      [
        ['add', [3000]],
        ['advance', 4000],
      ],
    );
  });

  test('a live sensor is never halted', async (t) => {
    const { pipeline, send, at } = await setUp(t);
    pipeline.take();
    pipeline.counters.windows = 1000;
    await send(at(1000), at(2000));
    assert.equal(pipeline.take().length, 2);
  });

  test('counts as silent after its end, so that its last window is answered', async (t) => {
    const { pipeline, links, statuses, send, settle, at } = await setUp(t, {
      kind: 'replay',
      lossless: true,
    });
    await send(at(1000));
    pipeline.take();
    await links[0]!.close();
    await settle();
    assert.deepEqual(pipeline.take(), [['flush'], ['offline', 0], ['epoch', 0]]);
    assert.equal(statuses.at(-1), 'absent');
  });

  test('that is stopped before its end is not: half a window would give a false answer', async (t) => {
    const { input, pipeline, send, at } = await setUp(t, { kind: 'replay', lossless: true });
    await send(at(1000));
    pipeline.take();
    await input.close();
    assert.deepEqual(pipeline.take(), [
      ['offline', 0],
      ['epoch', 0],
    ]);
  });
});
