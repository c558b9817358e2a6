/** A TEF device on a link that delays and loses whole frames, its 32-bit ticks wrapping: from bytes to host times. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockSync, eventsFrom, SensorCounters, TefEncoder, tefDriver } from '../../../devices/index.js';
import { Pings } from '../../../devices/session/pings.js';
import { SensorStream } from '../../../devices/session/stream.js';
import * as fc from '../../support/fast-check.js';
import { assertInside, generator, Watch } from '../../support/simulated-clock.js';
import { hello } from '../../support/tef.js';

const secondUs = 1_000_000;

interface World {
  readonly ppm: number;
  readonly leastUs: number;
  readonly jitterUs: number;
  readonly loss: number;
  readonly wrapAfterUs: number;
  readonly wrapsBefore: number;
  readonly pings: boolean;
  readonly seed: number;
}

const worlds: fc.Arbitrary<World> = fc.record({
  ppm: fc.integer({ min: -5000, max: 5000 }),
  leastUs: fc.nat(5000),
  jitterUs: fc.constantFrom(0, 2000, 20_000),
  loss: fc.double({ min: 0, max: 0.5, noNaN: true }),
  wrapAfterUs: fc.nat(12 * secondUs),
  wrapsBefore: fc.nat(3),
  pings: fc.boolean(),
  seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
});

/** One device, one host, and a link in between that keeps the order of frames. */
class Link {
  readonly sync = new ClockSync();
  readonly counters = new SensorCounters();
  readonly pings = new Pings();
  readonly watch = new Watch(this.sync);
  readonly told: number[] = [];
  epochs = 0;
  finite = 0;
  private readonly random: () => number;
  private readonly stream: SensorStream;
  private arrivedUs = 0;

  constructor(
    private readonly world: World,
    readonly encoder: TefEncoder,
  ) {
    this.random = generator(world.seed);
    const listener = {
      events: ({ tUs, length }: { readonly tUs: Float64Array; readonly length: number }) => {
        for (let i = 0; i < length; i++) this.told.push(tUs[i]!);
      },
      advance: () => {},
      epoch: () => {
        this.epochs++;
        this.watch.restart();
      },
      status: () => {},
    };
    const news = {
      identified: () => {},
      restarted: () => {},
      lost: () => {},
      pingedUs: (nonce: number) => this.pings.answered(nonce),
    };
    this.stream = new SensorStream(tefDriver(), listener, this.counters, this.sync, news);
  }

  /** Sends a frame at host time `hostUs`; false: it was lost on the way. */
  send(frame: Uint8Array, hostUs: number, lossless = false): boolean {
    const { leastUs, jitterUs, loss } = this.world;
    if (!lossless && this.random() < loss) return false;
    this.arrivedUs = Math.max(this.arrivedUs, hostUs + leastUs + this.random() * jitterUs);
    this.stream.push(frame, this.arrivedUs);
    return true;
  }

  below(limit: number): number {
    return this.random() * limit;
  }
}

test('every event is stamped inside its bound, in order, through the wrap of the ticks and the loss of frames', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const encoder = new TefEncoder();
      const link = new Link(world, encoder);
      const startUs = (world.wrapsBefore + 1) * 2 ** 32 - world.wrapAfterUs;
      const host = (deviceUs: number): number => 4e12 + (deviceUs - startUs) * (1 + world.ppm * 1e-6);
      link.send(encoder.hello(hello), host(startUs), true);
      let answered = false;
      for (let deviceUs = startUs; deviceUs < startUs + 14 * secondUs; deviceUs += 20_000) {
        const eventUs = Math.round(deviceUs - link.below(2000));
        link.send(encoder.events(eventsFrom([[eventUs, 3, 1]])), host(deviceUs));
        const round = Math.floor((deviceUs - startUs) / 500_000) * 500_000 === deviceUs - startUs;
        if (round)
          link.send(
            encoder.status({ uptimeTicks: deviceUs, events: 0, dropped: 0, overruns: 0 }),
            host(deviceUs),
          );
        if (round && world.pings) {
          const nonce = link.pings.send(host(deviceUs - 100) - link.below(3000));
          const pong = { nonce, rxTicks: deviceUs - 100, txTicks: deviceUs };
          answered = link.send(encoder.pong(pong), host(deviceUs)) || answered;
        }
        for (const tUs of link.told.splice(0)) {
          // The stream counts from the first frame's wrap on: what the device calls tUs + wraps.
          const wraps = Math.round((deviceUs - tUs) / 2 ** 32) * 2 ** 32;
          const mappedUs = link.watch.at(tUs);
          if (!answered) continue;
          assert.equal(link.sync.report()!.source, 'echo');
          assertInside(
            mappedUs - host(tUs + wraps),
            link.sync.boundUs(tUs),
            `${(deviceUs - startUs) / secondUs} s`,
          );
          link.finite++;
        }
      }
      assert.equal(link.epochs, 0, 'no wrap and no loss is an epoch');
      assert.equal(link.counters.backward, 0);
      assert.ok(!world.pings || link.finite > 0);
    }),
    { numRuns: 60 },
  );
});

test('a new boot id is a new epoch, in which the old mapping counts nothing', () => {
  const world = {
    ppm: 800,
    leastUs: 300,
    jitterUs: 0,
    loss: 0,
    wrapAfterUs: 0,
    wrapsBefore: 0,
    pings: true,
    seed: 9,
  };
  const link = new Link(world, new TefEncoder());
  for (const [boot, hostUs] of [
    [1, 5e9],
    [2, 9e9],
  ] as const) {
    link.send(link.encoder.hello({ ...hello, bootId: boot }), hostUs);
    link.send(link.encoder.events(eventsFrom([[1000, 3, 1]])), hostUs + 1000);
    const pong = { nonce: link.pings.send(hostUs + 900), rxTicks: 1500, txTicks: 1600 };
    link.send(link.encoder.pong(pong), hostUs + 1600);
    assert.ok(Math.abs(link.sync.toHostUs(1600) - hostUs - 1600) <= link.sync.boundUs(1600));
    assert.ok(link.sync.boundUs(1600) < 1000);
    assert.deepEqual([link.epochs, link.counters.roundTrips], [boot - 1, boot]);
  }
});
