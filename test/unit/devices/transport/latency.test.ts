import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencyFinding } from '../../../../devices/transport/latency.js';

const cases: [string, Parameters<typeof latencyFinding>[0], string, RegExp][] = [
  [
    'an FTDI chip with its timer as it comes',
    { path: '/dev/ttyUSB0', flag: true, driver: 'ftdi_sio', latencyTimerMs: 16 },
    'off',
    /up to 16 ms.*60-whorl\.rules.*usb-serial\/devices\/ttyUSB0\/latency_timer/,
  ],
  [
    'an FTDI chip that was told',
    { path: '/dev/ttyUSB0', flag: true, driver: 'ftdi_sio', latencyTimerMs: 1 },
    'on',
    /1 ms/,
  ],
  [
    'a driver that took the flag',
    { path: '/dev/ttyS0', flag: true, driver: 'serial8250', latencyTimerMs: undefined },
    'on',
    /at once/,
  ],
  [
    'a USB CDC device',
    { path: '/dev/ttyACM0', flag: undefined, driver: 'cdc_acm', latencyTimerMs: undefined },
    'none',
    /no latency timer/,
  ],
  [
    'a pseudo-terminal',
    { path: '/dev/pts/1', flag: undefined, driver: undefined, latencyTimerMs: undefined },
    'none',
    /pseudo-terminal/,
  ],
  [
    'a driver that did not take the flag',
    { path: '/dev/ttyUSB1', flag: false, driver: 'ch341', latencyTimerMs: undefined },
    'off',
    /ch341 did not take the low-latency flag.*lowLatency: false/,
  ],
];

for (const [what, facts, state, note] of cases) {
  test(`${what}: ${state}`, () => {
    const finding = latencyFinding(facts);
    assert.equal(finding.state, state);
    assert.match(finding.note, note);
    assert.ok(!finding.note.includes('\n'));
  });
}
