/** Several edges at one Mosquitto: two of one id, two of different ones, a restart after a crash. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { configOf, makeDaemon } from '../support/daemon.js';
import { Mosquitto } from '../support/mosquitto.js';
import { MqttSpy } from '../support/mqtt-spy.js';
import { needs } from '../support/programs.js';
import { Rival, turns } from '../support/rivals.js';

function rival(t: TestContext, edge: string, broker: string): Rival {
  const made = new Rival(edge, broker);
  t.after(() => made.end('SIGKILL'));
  return made;
}

describe('edges at one broker', { skip: needs('mosquitto'), timeout: 90_000 }, () => {
  test('a second process of an edge is refused, and a restart after a crash is not', async (t) => {
    const { url } = await Mosquitto.start(t);
    const witness = await MqttSpy.connect(t, url, '#', { protocolVersion: 5 });
    const first = rival(t, 'e1', url);
    const session = await first.up();
    const second = rival(t, 'e1', url);
    assert.equal(await second.ended(), 1);
    await second.line(new RegExp(`another whorl \\(session ${session}\\) serves edge 'e1' at this broker`));
    assert.deepEqual(turns(witness, 'e1'), [session]);
    assert.notEqual(
      witness.seen.findLast(({ topic }) => topic.endsWith('e1/status'))!.json['status'],
      'lost',
    );

    await first.end('SIGKILL');
    const third = rival(t, 'e1', url);
    const heir = await third.up();
    await witness.next(({ json }) => json['session'] === heir, 'its birth');
    assert.deepEqual(turns(witness, 'e1'), [session, heir]);
    const other = rival(t, 'e2', url);
    await other.up();
    await Promise.all([third.end('SIGTERM'), other.end('SIGTERM')]);
  });

  test('while the broker was away there came to be two: one serves, the other is silent and tells why', async (t) => {
    const mosquitto = await Mosquitto.start(t);
    await mosquitto.kill();
    const config = configOf({ mqtt: { url: mosquitto.url } });
    const taken: string[] = [];
    const daemons = [1, 2].map(
      () => makeDaemon(t, config, { onTaken: (session) => taken.push(session) }).daemon,
    );
    for (const daemon of daemons) await daemon.start();
    await mosquitto.restart();
    const witness = await MqttSpy.connect(t, mosquitto.url, '#', { protocolVersion: 5 });
    const wait = async (): Promise<void> => {
      while (taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await wait();
    const serving = daemons.find(({ session }) => session === taken[0])!;
    assert.ok(serving !== undefined);
    const { json } = await witness.status('ready');
    assert.equal(json['session'], serving.session);
    assert.equal(taken.length, 1);
    assert.deepEqual(turns(witness, 'e1'), [serving.session]);
  });
});
