/** `tef-sim` and the sketch on a computer, as processes, against the TypeScript driver. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { after, before, describe, type TestContext, test } from 'node:test';
import {
  openSensor,
  type SensorIdentity,
  serialTransport,
  sliceEvents,
  TefDecoder,
  TefEncoder,
  type TefHello,
  tefDriver,
} from '../../devices/index.js';
import * as fc from '../support/fast-check.js';
import { boards, FirmwareBuild, simulatedAddresses } from '../support/firmware.js';
import { needs } from '../support/programs.js';
import { PtyCable } from '../support/pty.js';
import { Recorder, rows } from '../support/tef.js';

/** A program that speaks TEF on its standard streams, and what it has said. */
class Speaker {
  readonly heard = new Recorder();
  readonly decoder = new TefDecoder();
  readonly host = new TefEncoder();
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #errors = '';
  #check = (): void => {};

  constructor(t: TestContext, program: string, args: readonly string[] = []) {
    this.#child = spawn(program, args, { stdio: 'pipe' });
    t.after(() => this.#child.kill('SIGKILL'));
    this.#child.stderr.on('data', (text) => (this.#errors += String(text)));
    this.#child.stdout.on('data', (chunk) => {
      this.decoder.push(chunk, this.heard);
      this.#check();
    });
  }

  say(bytes: Uint8Array): void {
    this.#child.stdin.write(bytes);
  }

  /** Resolves when `test` holds of what was heard. */
  until(test: (heard: Recorder) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#check = () => {
        if (test(this.heard)) resolve();
      };
      this.#child.once('close', (code) => reject(new Error(`ended with ${code}: ${this.#errors}`)));
      this.#check();
    });
  }

  /** Ends its input; resolves to its exit code and what it said on standard error. */
  async end(): Promise<[code: number | null, errors: string]> {
    this.#child.stdin.end();
    const [code] = (await once(this.#child, 'close')) as [number | null];
    return [code, this.#errors];
  }
}

describe('tef-sim', { skip: needs('gcc'), timeout: 120_000 }, () => {
  const build = new FirmwareBuild();
  let program: string;
  before(() => {
    program = build.simulator({ checked: true });
  });
  after(() => build.remove());

  test('sends its events from START on, evenly spaced, and reports', async (t) => {
    const sim = new Speaker(t, program, [
      '--rate',
      '20000',
      '--count',
      '3000',
      '--seed',
      '5',
      '--taxels',
      '7',
    ]);
    sim.say(sim.host.describe());
    await sim.until(({ calls }) => calls.length > 0);
    sim.say(sim.host.start(1, 1000));
    await sim.until(({ eventRows }) => eventRows.length === 3000);
    const { eventRows } = sim.heard;
    assert.deepEqual(
      eventRows.map(([, taxel, on]) => taxel * 2 + on),
      simulatedAddresses(5, 7, 3000),
    );
    assert.ok(eventRows.every(([tUs], i) => tUs - eventRows[0]![0] === i * 50));
    sim.say(sim.host.ping(9));
    await sim.until((heard) => heard.only('pong').length === 1);
    sim.say(sim.host.keyframe());
    await sim.until((heard) => heard.only('levels').length === 1);
    const levels = new Array(7).fill(0);
    for (const [, taxel, on] of eventRows) levels[taxel] += on === 1 ? 1 : -1;
    assert.deepEqual(sim.heard.only('levels')[0]![3], levels);
    const [code, report] = await sim.end();
    assert.equal(code, 0);
    const { made, sent, dropped, bytes } = JSON.parse(report);
    assert.deepEqual([made, sent, dropped, bytes > 0], [3000, 3000, 0, true]);
  });

  test('lives through garbage, and still answers', async (t) => {
    const sim = new Speaker(t, program, ['--rate', '100000', '--count', '1000000', '--ring', '512']);
    for (const chunk of fc.sample(fc.uint8Array({ maxLength: 4000, size: 'max' }), {
      numRuns: 200,
      seed: 1,
    })) {
      sim.say(chunk);
      sim.say(Uint8Array.of(0));
      sim.say(new TefEncoder().start(1, 0));
    }
    sim.say(Uint8Array.of(0));
    sim.say(sim.host.ping(1));
    await sim.until((heard) => heard.only('pong').length === 1);
    assert.equal(sim.heard.discardedBytes, 0);
    const [code, errors] = await sim.end();
    assert.deepEqual([code, errors], [0, '']);
  });

  test('refuses options that make no sense', async (t) => {
    for (const [args, message] of [
      [['--rate', '0'], /--rate: must be a whole number, 1 \.\. 10000000/],
      [['--rate'], /--rate: needs a value/],
      [['--speed', '1'], /--speed: is no option; there are --port, --taxels/],
      [['--port', '/nowhere'], /\/nowhere: No such file/],
    ] as const) {
      const [code, errors] = await new Speaker(t, program, args).end();
      assert.equal(code, 2);
      assert.match(errors, message);
    }
  });

  test('on a pseudo-terminal the driver knows it and receives every event', {
    skip: needs('socat'),
  }, async (t) => {
    const cable = new PtyCable();
    await cable.plug();
    t.after(() => cable.remove());
    const count = 4000;
    const args = [
      '--port',
      cable.there,
      '--rate',
      '40000',
      '--count',
      `${count}`,
      '--seed',
      '3',
      '--uid',
      '258',
    ];
    const sim = spawn(program, args, { stdio: 'ignore' });
    t.after(() => sim.kill('SIGKILL'));
    const received: [number, number, number][] = [];
    let identity: SensorIdentity | undefined;
    await new Promise<void>((resolve) => {
      const sensor = openSensor(
        { transport: serialTransport({ path: cable.here }), driver: tefDriver() },
        {
          events: (batch) => {
            received.push(...rows(sliceEvents(batch)));
            if (received.length >= count) resolve();
          },
          advance: () => {},
          epoch: () => {},
          status: (status) => {
            identity = status.identity;
          },
        },
      );
      t.after(() => sensor.close());
    });
    const { name, uid, taxels } = identity!;
    assert.deepEqual([name, uid, taxels], ['tef-sim', '73696d0000000102', 39]);
    assert.deepEqual(
      received.map(([, taxel, on]) => taxel * 2 + on),
      simulatedAddresses(3, 39, count),
    );
    assert.ok(received.every(([tUs], i) => tUs - received[0]![0] === i * 25));
  });
});

describe('the sketch', { skip: needs('gcc', 'g++'), timeout: 120_000, concurrency: 1 }, () => {
  const build = new FirmwareBuild();
  after(() => build.remove());
  const expected = {
    'Teensy 3': { taxels: 40, uid: '0000000100000002', name: 'whorl matrix, Teensy' },
    'Teensy 4': { taxels: 40, uid: '5566778811223344', name: 'whorl matrix, Teensy' },
    RP2040: { taxels: 39, uid: 'a0a1a2a3a4a5a6a7', name: 'whorl matrix, RP2040' },
    ESP32: { taxels: 42, uid: '0000665544332211', name: 'whorl matrix, ESP32' },
  };
  for (const board of Object.keys(boards) as (keyof typeof boards)[])
    test(`compiles for ${board} against a mock of Arduino, and tells of a finger`, async (t) => {
      const sketch = new Speaker(t, build.sketch(board));
      sketch.say(sketch.host.describe());
      sketch.say(sketch.host.start(1, 0));
      // The finger changes its pressure by 2000 steps of the converter; an event is 40 of them. The first change may have
      // begun before START.
      const wholeChanges = (): number[] => {
        const signs = sketch.heard.eventRows.map(([, , on]) => on);
        return signs.slice(signs.findIndex((on) => on !== signs[0]));
      };
      await sketch.until(() => wholeChanges().length > 100);
      const { taxels, uid, name, tickNs } = sketch.heard.only('hello')[0]![1] as TefHello;
      assert.deepEqual({ taxels, uid, name, tickNs }, { ...expected[board], tickNs: 1000 });
      assert.ok(sketch.heard.eventRows.every(([, taxel]) => taxel === taxels - 1));
      const signs = wholeChanges();
      assert.deepEqual(
        signs.slice(0, 100),
        signs.slice(0, 100).map((_, i) => (i < 50 ? signs[0] : 1 - signs[0]!)),
      );
      const [code, errors] = await sketch.end();
      assert.deepEqual([code, errors], [0, '']);
    });
});
