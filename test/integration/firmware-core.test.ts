/** The firmware's core, compiled with sanitizers, against the vectors and against the TypeScript side of the wire. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  createEventBatch,
  eventsFrom,
  SendOnDelta,
  type TefCommand,
  TefDecoder,
  TefEncoder,
} from '../../devices/index.js';
import * as fc from '../support/fast-check.js';
import { encoderAt, FirmwareBuild, FirmwareCore } from '../support/firmware.js';
import { needs } from '../support/programs.js';
import { concat, fromHex, hello, Recorder, toHex } from '../support/tef.js';

const numRuns = 60;
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const frameBytes = fc.constantFrom(32, 64, 255);
const gap = fc.oneof(fc.constant(0), fc.nat(3), fc.nat(300), fc.nat(0x7fff_ffff));
const taxel = fc.oneof(fc.nat(38), fc.nat(1023), fc.nat(0xffff));
/** Events over several wraps of the clock, many of the same time. */
const events = fc.array(fc.tuple(gap, taxel, fc.nat(1)), { maxLength: 300, size: 'max' }).map((list) => {
  let time = 0;
  return list.map(([delta, index, on]): [number, number, number] => {
    time += delta;
    return [time, index, on];
  });
});

describe('the core of the firmware', { skip: needs('gcc'), timeout: 120_000 }, () => {
  const build = new FirmwareBuild();
  let core: FirmwareCore;
  before(() => {
    core = new FirmwareCore(build.core());
  });
  after(() => {
    build.remove();
    core.close();
  });

  test('writes the vectors, byte for byte', async () => {
    const rows = [
      [1000, 0, 1],
      [1005, 38, 0],
      [1300, 38, 1],
    ] as const;
    assert.equal(await core.events(eventsFrom(rows), { seq: 1 }), '0311010103e803010201084c054da702a0c400');
    assert.equal(await core.events(eventsFrom([])), '021101010101010103594b00');
    const base = 0xffff_fff0;
    const wrap = [
      [base, 5, 1],
      [base + 0x20, 6, 0],
    ] as const;
    assert.equal(await core.events(eventsFrom(wrap), { seq: 0xffff }), '0411ffff06f0ffffff0b050c202ffd00');
    assert.equal(
      await askHello(hello),
      '0210010754454631e80301022702030e785634120102030405060708010112d4c3b2a10a6e6575746f75636833390f6e00',
    );
  });

  test('reads the vector of PING', async () => {
    const [, ping] = await receive([fromHex('031c0707efbeaddef4a800')]);
    assert.deepEqual(ping, [{ type: 'ping', seq: 7, nonce: 0xdeadbeef }]);
  });

  test('writes the same EVENTS and SCAN frames as the TypeScript encoder, and they come back exact', async () => {
    const options = fc.record({ seq: fc.constantFrom(0, 1, 0xfffe), frameBytes, dropped: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(events, options, async (rows, { seq, dropped, ...size }) => {
        const batch = eventsFrom(rows);
        for (const kind of ['events', 'scan'] as const) {
          const frames = await core[kind](batch, { seq, dropped, ...size });
          assert.equal(frames, toHex(encoderAt(seq, size.frameBytes)[kind](batch, { dropped })));
          const recorder = new Recorder();
          new TefDecoder({ taxels: 0x1_0000, tickNs: 1000 }).push(fromHex(frames), recorder);
          assert.deepEqual(recorder.eventRows, rows);
          assert.equal(recorder.discardedBytes, 0);
        }
      }),
      { numRuns },
    );
  });

  test('writes the same messages as the TypeScript encoder', async () => {
    const status = fc.record({ uptimeTicks: fc.maxSafeNat(), events: u32, dropped: u32, overruns: u32 });
    const pong = fc.record({ nonce: u32, rxTicks: fc.maxSafeNat(), txTicks: fc.maxSafeNat() });
    const info = fc.record({
      tickNs: fc.integer({ min: 1, max: 0xffff_ffff }),
      taxels: fc.integer({ min: 1, max: 0xffff }),
      caps: fc.nat(0xffff),
      geometryId: u32,
      uid: fc.uint8Array({ minLength: 8, maxLength: 8 }).map(toHex),
      firmware: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)),
      bootId: u32,
      name: text(54),
    });
    const levels = fc.array(fc.integer(), { maxLength: 400, size: 'max' });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ status, pong, info, levels, base: u32, ack: fc.tuple(fc.nat(0xffff), fc.nat(255)) }),
        text(400),
        frameBytes,
        async ({ status, pong, info, levels, base, ack: [seq, done] }, line, size) => {
          const encoder = (): TefEncoder => new TefEncoder({ frameBytes: size });
          const { uptimeTicks, events, dropped, overruns } = status;
          const answers: [string, Uint8Array][] = [
            [await askHello(info), encoder().hello(info)],
            [
              await core.ask('status', 0, size, uptimeTicks, events, dropped, overruns),
              encoder().status(status),
            ],
            [await core.ask('pong', 0, size, pong.nonce, pong.rxTicks, pong.txTicks), encoder().pong(pong)],
            [await core.ask('ack', 0, size, seq, done), encoder().ack({ seq, status: done })],
            [await core.ask('log', 0, size, utf8(line)), encoder().log(line)],
            [
              await core.ask('levels', 0, size, base, 7, levels.length, ...levels),
              encoder().levels(base, 7, levels),
            ],
          ];
          for (const [theirs, ours] of answers) assert.equal(theirs, toHex(ours));
        },
      ),
      { numRuns },
    );
  });

  test('a name that does not fit gives no frame', async () => {
    assert.notEqual(await askHello({ ...hello, name: 'n'.repeat(216) }), '');
    assert.equal(await askHello({ ...hello, name: 'n'.repeat(217) }), '');
    assert.equal(await askHello({ ...hello, name: 'n'.repeat(1000) }), '');
  });

  test('reads the same commands as the TypeScript decoder, whatever is between them and however they are cut', async () => {
    const seqs = fc.nat(20);
    const encoded = fc
      .oneof(
        fc.constant((encoder: TefEncoder) => encoder.describe()),
        fc.tuple(fc.nat(255), fc.nat(0xffff)).map((args) => (encoder: TefEncoder) => encoder.start(...args)),
        fc.constant((encoder: TefEncoder) => concat(encoder.stop(), encoder.keyframe(), encoder.clockZero())),
        fc
          .tuple(fc.nat(255), fc.uint8Array({ maxLength: 200, size: 'max' }))
          .map((args) => (encoder: TefEncoder) => encoder.config(...args)),
        u32.map((nonce) => (encoder: TefEncoder) => encoder.ping(nonce)),
        fc.constant((encoder: TefEncoder) => encoder.reboot()),
        events.map((rows) => (encoder: TefEncoder) => encoder.events(eventsFrom(rows.slice(0, 5)))),
      )
      .chain((make) => seqs.map((seq) => make(encoderAt(seq))));
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.integer({ min: 240, max: 600 }).map((n) => new Uint8Array(n).fill(5)),
      fc.constant(Uint8Array.of(0)),
    );
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 3, arbitrary: encoded }, { weight: 1, arbitrary: noise }), {
          maxLength: 12,
        }),
        damage,
        fc.array(fc.nat(), { maxLength: 5 }),
        async (parts, changes, cuts) => {
          const bytes = concat(...parts, Uint8Array.of(0));
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          const recorder = new Recorder();
          new TefDecoder({ from: 'host' }).push(bytes, recorder);
          const expected = recorder.only('command').map(([, command]) => command);
          const places = cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b);
          const chunks = [0, ...places].map((from, i) => bytes.subarray(from, places[i]));
          const [damaged, commands] = await receive(chunks);
          assert.deepEqual(commands, expected);
          assert.equal(damaged > 0, recorder.discardedBytes > 0);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('garbage does no harm', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000, size: 'max' }), { maxLength: 4 }),
        async (chunks) => {
          assert.match(await core.ask('receive', ...chunks.map(toHex)), /^([\d ]+[0-9a-f]*;)*\d+$/);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('send-on-delta makes the same events and levels as the TypeScript encoder', async () => {
    const setting = fc.record({
      taxels: fc.integer({ min: 1, max: 9 }),
      rise: fc.integer({ min: 1, max: 60 }),
      fall: fc.integer({ min: 1, max: 60 }),
      hysteresis: fc.nat(60),
      maxPerFrame: fc.integer({ min: 1, max: 5 }),
    });
    const reading = fc.integer({ min: -100, max: 4095 });
    await fc.assert(
      fc.asyncProperty(
        setting,
        fc.array(fc.array(fc.oneof(reading, fc.nat(100)), { minLength: 9, maxLength: 9 }), {
          maxLength: 30,
          size: 'max',
        }),
        fc.integer({ min: 1, max: 50 }),
        async ({ taxels, rise, fall, hysteresis, maxPerFrame }, all, capacity) => {
          const frames = all.map((frame) => frame.slice(0, taxels));
          const ours = new SendOnDelta({ taxels, rise, fall, hysteresis, maxPerFrame });
          const expected = frames.map((frame, scan) => {
            const batch = createEventBatch(capacity);
            ours.encode(frame, scan, batch);
            return Array.from(
              { length: batch.length },
              (_, i) => `${batch.taxel[i]! * 2 + batch.polarity[i]!} `,
            ).join('');
          });
          const answer = await core.ask(
            ...[
              'delta',
              taxels,
              rise,
              fall,
              hysteresis,
              maxPerFrame,
              capacity,
              frames.length,
              ...frames.flat(),
            ],
          );
          assert.deepEqual(answer.split(';'), [
            ...expected,
            [...ours.levels].map((level) => `${level} `).join(''),
          ]);
        },
      ),
      { numRuns },
    );
  });

  function askHello({
    tickNs,
    taxels,
    caps,
    geometryId,
    uid,
    firmware,
    bootId,
    name,
  }: typeof hello): Promise<string> {
    return core.ask('hello', 0, 255, tickNs, taxels, caps, geometryId, uid, ...firmware, bootId, utf8(name));
  }

  /** What the receiver makes of the chunks: damaged blocks, and commands as the TypeScript decoder gives them. */
  async function receive(chunks: readonly Uint8Array[]): Promise<[number, TefCommand[]]> {
    const parts = (await core.ask('receive', ...chunks.filter(({ length }) => length > 0).map(toHex))).split(
      ';',
    );
    return [Number(parts.at(-1)), parts.slice(0, -1).map(commandOf)];
  }
});

const commandTypes = [
  'describe',
  'start',
  'stop',
  'config',
  'ping',
  'clockZero',
  'keyframe',
  'reboot',
] as const;

function commandOf(line: string): TefCommand {
  const [code, seq, stream, flushUs, nonce, key] = line.split(' ').slice(0, 6).map(Number) as [
    ...[number, number, number, number, number, number],
  ];
  const type = commandTypes[code - 8]!;
  if (type === 'start') return { type, seq, stream, flushUs };
  if (type === 'config') return { type, seq, key, value: fromHex(line.split(' ')[6]!) };
  return type === 'ping' ? { type, seq, nonce } : { type, seq };
}

/** Text of several lengths of UTF-8 without a zero byte. */
function text(maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom('a', 'z', ' ', 'ü', '€', '𝄞'), maxLength, size: 'max' });
}

function utf8(line: string): string {
  return Buffer.from(line).toString('hex');
}
