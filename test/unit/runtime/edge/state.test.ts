import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SensorStatus } from '../../../../devices/index.js';
import { edgeReport, rivalFault } from '../../../../runtime/edge/state.js';

function is(state: SensorStatus['state'], reason = 'so'): SensorStatus {
  return { state, reason, identity: undefined, sinceUs: 0 };
}

test('ready: every sensor is online and no pipeline has a fault', () => {
  assert.deepEqual(edgeReport([], []), { status: 'ready', reasons: [] });
  assert.deepEqual(edgeReport([], [['a', is('online')]]), { status: 'ready', reasons: [] });
});

test('starting: nothing is wrong, but a sensor has not answered yet', () => {
  assert.equal(
    edgeReport(
      [],
      [
        ['a', is('online')],
        ['b', undefined],
      ],
    ).status,
    'starting',
  );
});

test('degraded: every reason is told, also while another sensor is still awaited', () => {
  const report = edgeReport(
    ['pipeline touch: no such file'],
    [
      ['a', is('online')],
      ['b', is('absent', '/dev/b is not there')],
      ['c', undefined],
      ['d', is('silent', 'nothing arrives')],
      ['e', is('error', 'in use')],
    ],
  );
  assert.deepEqual(report, {
    status: 'degraded',
    reasons: [
      'pipeline touch: no such file',
      'sensor b is absent: /dev/b is not there',
      'sensor d is silent: nothing arrives',
      'sensor e is error: in use',
    ],
  });
});

test('an edge whose id another process has says so, and what to do', () => {
  assert.deepEqual(rivalFault(undefined), []);
  assert.match(rivalFault('0a1b2c3d')[0]!, /session 0a1b2c3d.*another edge\.id/);
});
