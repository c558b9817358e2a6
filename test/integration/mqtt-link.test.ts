/** What the link over MQTT.js makes of faults, with the embedded broker at the other end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startBroker } from '../../runtime/broker/start.js';
import type { Link, LinkEvents } from '../../runtime/publish/link.js';
import { openMqttLink } from '../../runtime/publish/mqtt-link.js';
import { recordingLog } from '../support/log.js';

/** A link of a client of this name, once it is up. */
async function linkTo(
  t: TestContext,
  url: string,
  clientId: string,
  events: Partial<LinkEvents> = {},
): Promise<Link> {
  const target = { url, keepaliveS: 10, rejectUnauthorized: true };
  return new Promise((resolve) => {
    const link = openMqttLink(target, { clientId }, 4, {
      ...{ up: () => resolve(link), message: () => {}, ended: ({ reason }) => assert.fail(reason) },
      ...events,
    });
    t.after(() => link.destroy());
  });
}

const faults = {
  throws: (): void => {
    throw new Error('a fault');
  },
  rejects: (): Promise<void> => Promise.reject(new Error('a fault')),
};

for (const [how, message] of Object.entries(faults))
  test(`a handler that ${how} ends the link, with the topic and the fault as the reason`, {
    timeout: 10_000,
  }, async (t) => {
    const { log } = recordingLog();
    const broker = await startBroker({ host: '127.0.0.1', port: 0, allowRemote: false, log });
    t.after(() => broker.stop());
    let tell = (_: string): void => {};
    const ended = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const hears = await linkTo(t, broker.url!, 'hears', {
      ...{ message, ended: ({ cause, reason }) => tell(`${cause}: ${reason}`) },
    });
    await new Promise<void>((done) => hears.subscribe('a/b', () => done()));
    const says = await linkTo(t, broker.url!, 'says');
    says.publish({ topic: 'a/b', payload: 'x', qos: 1, retain: false }, () => {});
    assert.equal(await ended, 'lost: a message on a/b was not handled: Error: a fault');
  });

/** How a link of MQTT 5 ends when the broker says yes and then this. */
async function endAfterWelcome(t: TestContext, goodbye: readonly number[]): Promise<string> {
  const welcome = [0x20, 3, 0, 0, 0];
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(Uint8Array.from([...welcome, ...goodbye])));
    socket.on('error', () => {});
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const target = { url, keepaliveS: 10, rejectUnauthorized: true };
  return new Promise((resolve) => {
    openMqttLink(target, { clientId: 'c' }, 5, {
      ...{ up: () => {}, message: () => {} },
      ended: ({ cause, reason }) => resolve(`${cause}: ${reason}`),
    });
  });
}

test('a broker that gives the id to another client, ends the connection or hangs up: each has its cause', {
  timeout: 10_000,
}, async (t) => {
  const taken = await endAfterWelcome(t, [0xe0, 2, 0x8e, 0]);
  assert.equal(taken, 'taken: another client has connected with the same client id');
  const ended = await endAfterWelcome(t, [0xe0, 2, 0x8b, 0]);
  assert.equal(ended, 'lost: the broker ended the connection, reason code 139');
  assert.equal(await endAfterWelcome(t, []), 'hung-up: the broker closed the connection');
});
