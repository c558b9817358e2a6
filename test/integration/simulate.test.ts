/** `whorl simulate`: how it ends, on a serial cable and on a TCP port. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { TefDecoder, TefEncoder, TefStream, tefSink } from '../../devices/index.js';
import { Command } from '../support/command.js';
import { needs } from '../support/programs.js';
import { PtyCable } from '../support/pty.js';

/** Writes zeros to a port for as long as it takes them; resolves when they flow. */
function flood(path: string): Promise<void> {
  const port = createWriteStream(path);
  port.on('error', () => {});
  return new Promise((resolve) => {
    const write = (): void => {
      port.write(Buffer.alloc(65_536), (error) => {
        if (error) return;
        if (port.bytesWritten > 1_000_000) resolve();
        write();
      });
    };
    write();
  });
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** Resolves when the device has said who it is. */
function identified(socket: Socket): Promise<string> {
  const decoder = new TefDecoder();
  return new Promise((resolve) => {
    const sink = tefSink({ hello: ({ name }) => resolve(name) });
    socket.on('data', (chunk) => decoder.push(chunk, sink));
    socket.write(new TefEncoder().describe());
  });
}

describe('on a serial cable', { skip: needs('socat'), timeout: 20_000, concurrency: 2 }, () => {
  test('a cable that is pulled ends it with an error, without a busy core, also in the midst of traffic', async (t) => {
    const cable = new PtyCable();
    await cable.plug();
    t.after(() => cable.remove());
    const simulate = new Command(t, ['simulate', '--to', cable.there]);
    await simulate.line(/39 taxels, simulated contacts, seed 1, on .*; Ctrl-C ends$/);
    await flood(cable.here);
    const pulled = performance.now();
    await cable.unplug();
    const { code, stderr } = await simulate.finished;
    assert.equal(code, 1);
    assert.match(stderr, /^whorl: .*there: the other end is gone\n$/m);
    const tookMs = performance.now() - pulled;
    assert.ok(tookMs < 2000, `took ${tookMs} ms`);
  });

  test('Ctrl-C ends it with 0, whether or not anybody listens', async (t) => {
    const cable = new PtyCable();
    await cable.plug();
    t.after(() => cable.remove());
    const simulate = new Command(t, ['simulate', '--to', cable.there, '--start-at-once']);
    await simulate.line(/39 taxels, simulated contacts, seed 1, on .*; Ctrl-C ends$/);
    simulate.kill('SIGINT');
    const { code, stderr } = await simulate.finished;
    assert.equal(code, 0, stderr);
  });
});

describe('on a TCP port', { timeout: 20_000, concurrency: 2 }, () => {
  test('one host after the other; Ctrl-C ends it with 0 though hosts are connected', async (t) => {
    const simulate = new Command(t, ['simulate', '--listen', '0']);
    const port = Number(/127\.0\.0\.1:(\d+);/.exec(await simulate.line(/39 taxels/))![1]);
    const first = await dial(port);
    assert.equal(await identified(first), 'whorl simulator');
    const second = await dial(port);
    const third = await dial(port);
    third.resetAndDestroy(); // while it waits for its turn
    const answer = identified(second);
    first.destroy();
    assert.equal(await answer, 'whorl simulator');
    const fourth = await dial(port);
    simulate.kill('SIGINT');
    const { code, stderr } = await simulate.finished;
    assert.equal(code, 0, stderr);
    for (const socket of [second, fourth]) socket.destroy();
  });

  test('ends with 0 when everything has been sent', async (t) => {
    const simulate = new Command(t, [
      'simulate',
      '--listen',
      '0',
      '--data',
      'simulator:count=2',
      '--speed',
      '0',
    ]);
    const port = Number(/127\.0\.0\.1:(\d+);/.exec(await simulate.line(/39 taxels/))![1]);
    const host = await dial(port);
    host.resume();
    host.write(new TefEncoder().start(TefStream.events, 2000));
    const { code, stderr } = await simulate.finished;
    assert.equal(code, 0);
    assert.match(stderr, /all sent: \d+ events\n$/);
  });
});
