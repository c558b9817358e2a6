/** What a board with the firmware does, step by step, with a clock and a link in the test's hands. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TefDecoder, TefEncoder } from '../../devices/index.js';
import * as fc from '../support/fast-check.js';
import { FirmwareBuild, FirmwareCore } from '../support/firmware.js';
import { needs } from '../support/programs.js';
import { concat, fromHex, Recorder, toHex } from '../support/tef.js';

const taxels = 39;
const roomy = { frameBytes: 255, ring: 65_536, clock: 0 };

describe('a device with the firmware', { skip: needs('gcc'), timeout: 120_000 }, () => {
  const build = new FirmwareBuild();
  let core: FirmwareCore;
  before(() => {
    core = new FirmwareCore(build.core());
  });
  after(() => {
    build.remove();
    core.close();
  });

  /** Runs a script (test/firmware/device.h) on a link that takes everything unless the script says otherwise. */
  async function play(
    script: readonly string[],
    { frameBytes, ring, clock }: typeof roomy = roomy,
  ): Promise<{ heard: Recorder; sent: number; dropped: number; overruns: number }> {
    const steps = ['device', 1000, taxels, frameBytes, ring, clock, 'l 1000000000', ...script];
    const [wire, sent, dropped, overruns] = (await core.ask(...steps)).split(' ') as [
      string,
      string,
      string,
      string,
    ];
    const heard = new Recorder();
    const decoder = new TefDecoder();
    decoder.push(fromHex(wire), heard);
    assert.equal(decoder.accepted, wire.length / 2, 'every byte is one of a good frame');
    return { heard, sent: Number(sent), dropped: Number(dropped), overruns: Number(overruns) };
  }

  test('says who it is when it is asked, and nothing before', async () => {
    const { heard } = await play(['a 2000000', 'p', 'e 3 1', 'p', say((host) => host.describe()), 'p']);
    assert.deepEqual(
      heard.calls.map(([kind]) => kind),
      ['hello'],
    );
    assert.deepEqual(heard.calls[0]![1], {
      ...{ tickNs: 1000, taxels, caps: 0, geometryId: 0, uid: '0000000000000000', firmware: [0, 0, 0] },
      ...{ bootId: 7, name: 'scripted' },
    });
  });

  test('parts its first frame from what a boot loader may have said', async () => {
    const wire = await core.ask(
      'device',
      1000,
      taxels,
      255,
      512,
      0,
      'l 100',
      say((host) => host.describe()),
      'p',
    );
    const heard = new Recorder();
    new TefDecoder().push(
      concat(new TextEncoder().encode('rst:0x1 (POWERON_RESET)'), fromHex(wire.split(' ')[0]!)),
      heard,
    );
    assert.deepEqual(
      heard.calls.map(([kind]) => kind),
      ['discard', 'hello'],
    );
  });

  test('sends events from START to STOP, each within the time that START names, and acknowledges both', async () => {
    const { heard } = await play([
      say((host) => host.describe()),
      'a 100',
      say((host) => host.start(1, 500)),
      ...['a 10', 'e 3 1', 'p', 'a 499', 'e 4 0', 'p', 'a 1', 'p'],
      ...['a 7', 's 2 12 9', 'p', say((host) => host.stop()), 'e 5 1', 'a 600000', 'p'],
    ]);
    const at = heard.calls.map(([kind]) => kind);
    assert.deepEqual(at, ['hello', 'ack', 'status', 'advance', 'events', 'events', 'ack']);
    assert.deepEqual(heard.only('events'), [
      [
        'events',
        [
          [110, 3, 1],
          [609, 4, 0],
        ],
      ],
      [
        'events',
        [
          [617, 6, 0],
          [617, 4, 1],
        ],
      ],
    ]);
  });

  test('a heartbeat every 500 ms tells what has been sent', async () => {
    const { heard } = await play([
      say((host) => host.start(1, 0)),
      ...['e 1 1', 'a 499999', 'p', 'a 1', 'p', 'a 500000', 'p', 'a 499999', 'p'],
    ]);
    assert.deepEqual(
      heard.only('status').map(([, status]) => status),
      [0, 500_000, 1_000_000].map((uptimeTicks, i) => ({
        ...{ uptimeTicks, events: Math.min(i, 1), dropped: 0, overruns: 0 },
      })),
    );
  });

  test('answers PING with its clock, over the end of the 32-bit counter', async () => {
    const clock = 2 ** 32 - 5;
    const { heard } = await play(['a 4', 'p', 'a 4294967', say((host) => host.ping(77)), 'p'], {
      ...roomy,
      clock,
    });
    assert.deepEqual(heard.calls, [['pong', { nonce: 77, rxTicks: 4_294_971, txTicks: 4_294_971 }]]);
  });

  test('a keyframe tells the levels of all taxels', async () => {
    const levels = Array.from({ length: taxels }, (_, i) => i - 20);
    const { heard } = await play([
      say((host) => host.describe()),
      'a 9',
      say((host) => host.keyframe()),
      'p',
    ]);
    assert.deepEqual(heard.only('levels'), [['levels', 9, 0, levels]]);
    const start = await play([say((host) => host.describe()), say((host) => host.start(3, 0)), 'p']);
    assert.deepEqual(start.heard.only('levels'), [['levels', 0, 0, levels]]);
  });

  test('refuses what it cannot do', async () => {
    const { heard } = await play([
      say((host) => host.start(2, 0)),
      say((host) => host.config(1, Uint8Array.of(1))),
      'p',
    ]);
    assert.deepEqual(heard.calls, [
      ['ack', { seq: 0, status: 1 }],
      ['ack', { seq: 0, status: 1 }],
    ]);
  });

  test('setting the clock to zero, and starting again, begin an epoch', async () => {
    const zero = await play([
      say((host) => host.start(1, 0)),
      'a 700',
      say((host) => host.clockZero()),
      'a 3',
      'e 1 1',
      'p',
    ]);
    assert.deepEqual(
      zero.heard.only('status').map(([, status]) => (status as { uptimeTicks: number }).uptimeTicks),
      [0, 0],
    );
    const again = await play([
      say((host) => host.describe()),
      ...[say((host) => host.start(1, 0)), 'a 700', 'e 1 1', 'a 2000', 'p'],
      ...[say((host) => host.reboot()), 'a 5', 'e 2 1', 'p'],
      ...[say((host) => host.start(1, 0)), 'e 3 1', 'a 2000', 'p'],
    ]);
    assert.deepEqual(again.heard.only('epoch', 'events'), [
      ['events', [[700, 1, 1]]],
      ['epoch'],
      ['events', [[5, 3, 1]]],
    ]);
  });

  test('a full buffer is emptied into a link that takes more before anything is given up', async () => {
    const { sent, dropped } = await play(
      [say((host) => host.start(1, 0)), ...new Array<string>(2000).fill('e 1 1'), 'a 2000', 'p'],
      { ...roomy, ring: 512 },
    );
    assert.deepEqual([sent, dropped], [2000, 0]);
  });

  test('what a link does not take is counted: every event arrives or is told as lost, in order and never early', async () => {
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.tuple(fc.constant('a'), fc.oneof(fc.nat(50), fc.nat(5000), fc.nat(700_000))),
      },
      { weight: 6, arbitrary: fc.tuple(fc.constant('s'), fc.nat(300)) },
      { weight: 6, arbitrary: fc.tuple(fc.constant('e'), fc.nat(taxels - 1)) },
      { weight: 4, arbitrary: fc.tuple(fc.constant('p'), fc.constant(0)) },
      { weight: 2, arbitrary: fc.tuple(fc.constant('l'), fc.nat(1500)) },
    );
    const setting = fc.record({
      frameBytes: fc.constantFrom(32, 64, 255),
      ring: fc.integer({ min: 512, max: 2000 }),
      clock: fc.constantFrom(0, 2 ** 31 - 1000, 2 ** 32 - 1000),
    });
    let losses = 0;
    await fc.assert(
      fc.asyncProperty(setting, fc.array(step, { maxLength: 200, size: 'max' }), async (options, steps) => {
        const script = [say((host) => host.describe()), say((host) => host.start(1, 0)), 'p', 'l 1000'];
        const made: number[][] = [];
        let time = 0;
        for (const [kind, n] of steps) {
          if (kind === 'a') time += n;
          if (kind === 'e') made.push([time, n, n % 2]);
          if (kind === 's') for (let i = 0; i < n; i++) made.push([time, i % taxels, 1]);
          if (kind === 'e') script.push(`e ${n} ${n % 2}`);
          else if (kind === 's')
            script.push(
              `s ${n} ${Array.from({ length: n }, (_, i) => (i % taxels) * 2 + 1).join(' ')}`.trim(),
            );
          else script.push(kind === 'p' ? 'p' : `${kind} ${n}`);
        }
        script.push('l 1000000000', 'p', ...Array(2 + Math.ceil(made.length / 255)).fill('a 2000 p'));
        const { heard, sent, dropped } = await play(script, options);
        const rows = heard.eventRows;
        const told = heard.only('gap').map(([, kind, count]) => [kind, count] as [string, number]);
        assert.ok(told.every(([kind]) => kind === 'events'));
        const lost = told.reduce((sum, [, count]) => sum + count, 0);
        assert.deepEqual([rows.length, lost], [sent, dropped]);
        assert.equal(rows.length + lost, made.length);
        let from = 0;
        for (const row of rows) {
          while (from < made.length && String(made[from]) !== String(row)) from++;
          assert.ok(from++ < made.length, `${row} was not made, or comes too late`);
        }
        const times = heard
          .only('events', 'advance')
          .flatMap(([, what]) => (typeof what === 'number' ? what : (what as number[][]).map(([t]) => t!)));
        assert.ok(times.every((t, i) => i === 0 || t >= times[i - 1]!));
        losses += lost;
      }),
      { numRuns: 60 },
    );
    assert.ok(losses > 0, 'the links were narrow enough');
  });
});

/** A step of a script: what the host says. */
function say(what: (host: TefEncoder) => Uint8Array): string {
  return `r ${toHex(what(new TefEncoder()))}`;
}
