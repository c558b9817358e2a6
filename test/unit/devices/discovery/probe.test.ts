import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  eventsFrom,
  memoryPair,
  type ProbeResult,
  probePort,
  TefDecoder,
  TefEncoder,
  TransportError,
  tefDriver,
  tefSink,
} from '../../../../devices/index.js';
import { FakeClock } from '../../../support/clock.js';
import { hello } from '../../../support/tef.js';

interface Device {
  /** What it says to the n-th question, n from 0. */
  readonly answer?: (asked: number) => Uint8Array | undefined;
  readonly spontaneous?: Uint8Array;
  readonly driver?: Parameters<typeof tefDriver>[0];
}

/** Probes a device in this process, on a clock that runs by itself; returns the result and what the device was told. */
async function probe({
  answer,
  spontaneous,
  driver,
}: Device): Promise<{ result: ProbeResult; heard: string[] }> {
  const clock = new FakeClock();
  const heard: string[] = [];
  let ended = false;
  const transport = () => {
    const [near, far] = memoryPair({ clock });
    const decoder = new TefDecoder({ from: 'host' });
    const sink = tefSink({
      command({ type }) {
        const bytes = type === 'describe' ? answer?.(heard.length) : undefined;
        heard.push(type);
        if (bytes !== undefined) void far.write(bytes);
      },
    });
    void far.open({ data: (chunk) => decoder.push(chunk, sink), closed: () => {} });
    if (spontaneous !== undefined) void far.write(spontaneous);
    return near;
  };
  const running = probePort({ transport, driver: tefDriver(driver), clock }).finally(() => {
    ended = true;
  });
  while (!ended) {
    for (let i = 0; i < 6; i++) await nextTurn();
    clock.advance(50);
  }
  for (let i = 0; i < 6; i++) await nextTurn();
  return { result: await running, heard };
}

const encoder = new TefEncoder();

describe('a probed port', () => {
  test('whose sensor says who it is: asked again until it does, and nothing else', async () => {
    const { result, heard } = await probe({ answer: (n) => (n === 2 ? encoder.hello(hello) : undefined) });
    assert.equal(result.answer, 'identified');
    assert.equal(result.identity?.name, 'neutouch39');
    assert.deepEqual(heard, ['describe', 'describe', 'describe']);
  });

  test('that is silent', async () => {
    const { result, heard } = await probe({});
    assert.deepEqual([result.answer, result.accepted, result.discarded], ['silent', 0, 0]);
    assert.equal(heard.length, 4);
  });

  test('that speaks something else', async () => {
    const { result } = await probe({ spontaneous: new TextEncoder().encode('1,2,3\r\n4,5,6\r\n\0') });
    assert.equal(result.answer, 'other');
    assert.ok(result.discarded > 0);
  });

  test('that speaks the format and answers no question', async () => {
    const batch = eventsFrom(Array.from({ length: 100 }, (_, i) => [i * 50, i % 39, 1] as const));
    const { result, heard } = await probe({
      ...{ spontaneous: encoder.events(batch), driver: { taxels: 39, tickNs: 1000 } },
    });
    assert.equal(result.answer, 'fits');
    assert.deepEqual(heard, ['start', 'stop']);
  });

  test('that cannot be opened', async () => {
    const transport = () => {
      throw new TransportError('EACCES', '/dev/x may not be opened');
    };
    const result = await probePort({ transport, driver: tefDriver() });
    assert.deepEqual([result.answer, result.reason], ['failed', '/dev/x may not be opened']);
  });
});
