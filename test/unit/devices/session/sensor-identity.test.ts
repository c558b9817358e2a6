/** Which sensor answers, and what its link could not be given. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventsFrom, memoryPair, TefEncoder, type Transport } from '../../../../devices/index.js';
import { SensorBench } from '../../../support/sensor-bench.js';
import { hello } from '../../../support/tef.js';

describe('a sensor whose serial number is wanted', () => {
  test('is left when another answers, and looked for again', async () => {
    const bench = new SensorBench({ uid: '00000000000000AB' });
    await bench.settle();
    await bench.send(new TefEncoder().hello(hello));
    const { state, reason, identity } = bench.sensor.status;
    assert.equal(state, 'absent');
    assert.match(reason, /sensor 00000000000000AB is not there: the one that answers is 0102030405060708/);
    assert.equal(identity, undefined);
    await bench.pass(300);
    assert.equal(bench.links.length, 2);
    await bench.send(new TefEncoder().hello({ ...hello, uid: '00000000000000ab' }));
    assert.equal(bench.sensor.status.state, 'online');
    assert.deepEqual(bench.commandTypes, ['describe', 'start']);
    await bench.sensor.close();
  });

  test('the other one is not started, and nothing of it is told later', async () => {
    const bench = new SensorBench({ uid: 'ab' });
    await bench.settle();
    const other = new TefEncoder();
    await bench.send(other.hello(hello));
    assert.deepEqual(bench.commandTypes, ['describe']);
    await bench.links[0]!.write(other.events(eventsFrom([[1000, 3, 1]])));
    await bench.settle();
    assert.ok(bench.told.every(([what]) => what === 'status'));
    await bench.sensor.close();
  });
});

test('what the link could not be given stands in every status while it lasts', async () => {
  const warnings = ['/dev/x: the driver took 9600 baud instead of 1000000'];
  let far: Transport | undefined;
  const bench = new SensorBench({
    transport: () => {
      const [near, end] = memoryPair();
      far = end;
      void end.open({ data: () => {}, closed: () => {} });
      return Object.assign(near, { warnings });
    },
  });
  await bench.settle();
  await far!.write(new TefEncoder().hello(hello));
  await bench.settle();
  await far!.close();
  await bench.settle();
  const told = bench.statuses.map(({ state, warnings }) => [state, warnings]);
  assert.deepEqual(told.slice(1), [
    ['connecting', warnings],
    ['online', warnings],
    ['absent', undefined],
  ]);
  await bench.sensor.close();
});
