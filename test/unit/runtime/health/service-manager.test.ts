import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../../runtime/clock.js';
import { ServiceManager, type ServiceManagerOptions } from '../../../../runtime/health/index.js';
import { FakeClock } from '../../../support/clock.js';
import { settle } from '../../../support/fake-publisher.js';
import { recordingLog } from '../../../support/log.js';
import { notifySocket } from '../../../support/notify-socket.js';
import { needs } from '../../../support/programs.js';

const socket = { NOTIFY_SOCKET: '/run/systemd/notify' };

function setUp(env: ServiceManagerOptions['env'], failure?: Error & { code?: string }) {
  const clock = new FakeClock();
  const { log, lines } = recordingLog();
  const told: string[] = [];
  const notify = async (assignments: readonly string[]): Promise<void> => {
    told.push(assignments.join(' '));
    if (failure !== undefined) throw failure;
  };
  const manager = new ServiceManager({ env, clock, log, pid: 7, notify });
  return { clock, lines, told, manager };
}

test('without a service manager nobody is told and nothing waits', async () => {
  const { clock, told, manager } = setUp({ WATCHDOG_USEC: '30000000' });
  manager.status('ready');
  manager.ready(() => true);
  await manager.stopping();
  assert.deepEqual(told, []);
  assert.equal(clock.waiting, 0);
});

test('ready, status and stopping are told in order, one message at a time; what comes meanwhile goes together', async () => {
  const { told, manager } = setUp(socket);
  manager.status('starting');
  manager.status('degraded; sensor a is absent: no\nport');
  manager.ready(() => true);
  await settle();
  await manager.stopping();
  assert.deepEqual(told, [
    'STATUS=starting',
    'STATUS=degraded; sensor a is absent: no port READY=1',
    'STOPPING=1',
  ]);
});

test('a reload is told before and after, each in a message of its own, one reload at a time', async () => {
  const { told, manager, clock } = setUp(socket);
  const did: string[] = [];
  const work = (name: string) => async () => {
    did.push(`${name} after ${told.length}`);
    await settle();
  };
  await manager.reloading(work('early'));
  assert.deepEqual(told, [], 'before it is ready there is nothing to come back to');
  manager.ready(() => true);
  manager.status('ready');
  const reloads = [manager.reloading(work('one')), manager.reloading(work('two'))];
  manager.status('degraded');
  await Promise.all(reloads);
  const reloading = `RELOADING=1 MONOTONIC_USEC=${clock.monoUs()}`;
  assert.deepEqual(told, [
    'READY=1',
    'STATUS=degraded',
    ...[reloading, 'READY=1'],
    ...[reloading, 'READY=1'],
  ]);
  assert.deepEqual(did, ['early after 0', 'one after 3', 'two after 5']);
});

test('a reload that the stop overtakes says no more that it is ready', async () => {
  const { told, manager } = setUp(socket);
  manager.ready(() => true);
  const reload = manager.reloading(() => manager.stopping());
  await reload;
  assert.deepEqual(
    told.slice(1).map((text) => text.split('=')[0]),
    ['RELOADING', 'STOPPING'],
  );
});

test('the watchdog is fed at half its limit, and only while the pipelines live', async () => {
  const { clock, told, manager } = setUp({ ...socket, WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' });
  let alive = true;
  const fed = (): number => told.filter((text) => text.includes('WATCHDOG=1')).length;
  const pass = async (ms: number): Promise<number> => {
    clock.advance(ms);
    await settle();
    return fed();
  };
  manager.ready(() => alive);
  assert.equal(await pass(0), 1);
  assert.equal(await pass(14_999), 1);
  assert.equal(await pass(1), 2);
  alive = false;
  assert.equal(await pass(60_000), 2);
  alive = true;
  assert.equal(await pass(15_000), 3);
  await manager.stopping();
  assert.equal(await pass(60_000), 3);
  assert.equal(clock.waiting, 0);
});

test('a watchdog for another process, and a service that stops already, are left alone', async () => {
  const other = setUp({ ...socket, WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' });
  other.manager.ready(() => true);
  await settle();
  assert.deepEqual(other.told, ['READY=1']);
  assert.equal(other.clock.waiting, 0);
  const late = setUp(socket);
  await late.manager.stopping();
  late.manager.ready(() => true);
  await settle();
  assert.deepEqual(late.told, ['STOPPING=1']);
});

test('without systemd-notify there is one warning, with what to do; other failures are told and tried again', async () => {
  const missing = setUp(socket, Object.assign(new Error('spawn'), { code: 'ENOENT' }));
  for (const text of ['a', 'b', 'c']) {
    missing.manager.status(text);
    await settle();
  }
  assert.deepEqual(missing.told, ['STATUS=a']);
  assert.deepEqual(
    missing.lines.map(({ level, message }) => [level, message.includes('WatchdogSec')]),
    [['warn', true]],
  );
  const failing = setUp(socket, new Error('timed out'));
  failing.manager.status('a');
  await settle();
  failing.manager.status('b');
  await settle();
  assert.deepEqual(failing.told, ['STATUS=a', 'STATUS=b']);
  assert.equal(failing.lines.length, 2);
});

test('a real systemd-notify reaches a datagram socket', {
  skip: needs('systemd-notify', 'python3'),
}, async (t) => {
  const { path, hear } = await notifySocket(t);
  const { log, lines } = recordingLog();
  const env = { ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: undefined };
  const manager = new ServiceManager({ env, clock: systemClock, log });
  manager.ready(() => true);
  manager.status('ready');
  await manager.stopping();
  assert.match(await hear('STOPPING=1'), /READY=1.*STATUS=ready.*STOPPING=1/s);
  assert.deepEqual(lines, []);
});
