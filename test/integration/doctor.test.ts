/** `whorl doctor` and `whorl ports` as processes, and a broker that lets in and does not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkBroker } from '../../runtime/doctor/broker.js';
import type { Finding } from '../../runtime/doctor/finding.js';
import { Secret } from '../../runtime/secret.js';
import { run } from '../support/command.js';
import { configOf } from '../support/daemon.js';
import { Mosquitto } from '../support/mosquitto.js';
import { freePort } from '../support/ports.js';
import { needs } from '../support/programs.js';
import { PtyCable } from '../support/pty.js';
import { WireSensor } from '../support/wire-sensor.js';

describe('doctor', { timeout: 60_000 }, () => {
  test('looks at everything, as JSON, and ends with 0 when nothing failed', async (t) => {
    const args = ['doctor', '--json', '--set', `broker.port=${await freePort()}`];
    const { code, stdout, stderr } = await run(t, args);
    // WebGPU's library talks to standard error of itself.
    const ours = stderr
      .split('\n')
      .filter((line) => line !== '' && !/^Warning: maxDynamic\w+ artificially/.test(line));
    assert.deepEqual([code, ours], [0, []]);
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
    assert.equal(ok, true);
    const checks = [...new Set(findings.map(({ check }) => check))];
    assert.deepEqual(checks, ['ports', 'engines', 'models', 'broker', 'clock']);
    assert.ok(findings.every(({ level, remedy }) => (level === 'ok') === (remedy === undefined)));
  });

  test('ends with 1 when something failed, and says what to do', async (t) => {
    const { code, stdout } = await run(t, ['doctor', '--set', 'mqtt.url=mqtt://127.0.0.1:1']);
    assert.equal(code, 1);
    assert.match(stdout, /^fail {2}broker {3}mqtt:\/\/127\.0\.0\.1:1: .*\n +-> start the broker/m);
    assert.match(stdout, /\d+ ok, \d+ warnings, 1 failed\n$/);
  });

  test('a broker that lets us in is ok, one that does not fails with its reason', {
    skip: needs('mosquitto'),
  }, async (t) => {
    const { url } = await Mosquitto.start(t, { user: { name: 'whorl', password: 'right' } });
    const config = configOf({ mqtt: { url, username: 'whorl' } });
    const withPassword = (password: string) => checkBroker(config, { mqttPassword: new Secret(password) });
    const [good] = await withPassword('right');
    assert.deepEqual([good!.level, good!.text], ['ok', `${url} lets us in, MQTT 5`]);
    const [bad] = await withPassword('wrong');
    assert.equal(bad!.level, 'fail');
    assert.match(bad!.remedy!, /password/);
  });
});

describe('ports --probe', { skip: needs('socat'), timeout: 60_000 }, () => {
  test('says which sensor answers, and by what it can be configured', async (t) => {
    const cable = new PtyCable();
    t.after(() => cable.remove());
    await cable.plug();
    const sensor = new WireSensor(cable.there);
    await sensor.open();
    t.after(() => sensor.close());
    const { code, stdout } = await run(t, ['ports', '--probe', cable.here]);
    assert.equal(code, 0);
    assert.match(stdout, /tef at 1000000 baud: bench, 39 taxels, firmware 1\.0\.0, uid: "0000000000000001"/);
    const json = await run(t, ['ports', '--probe', cable.here, '/dev/no-such-port', '--json']);
    const { ports } = JSON.parse(json.stdout) as { ports: { path: string; probes: { answer: string }[] }[] };
    assert.deepEqual(
      ports.map(({ path, probes }) => [path, probes.map(({ answer }) => answer)]),
      [
        [cable.here, ['identified']],
        ['/dev/no-such-port', ['failed']],
      ],
    );
  });
});
