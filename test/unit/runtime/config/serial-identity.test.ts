/** By what a serial port may be named in the configuration. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatIssue, loadConfig } from '../../../../runtime/config/index.js';

/** Errors and warnings of serial sensors with these transports, and the transports in force. */
function check(transports: Readonly<Record<string, object>>, more: object = {}) {
  const sensors = Object.fromEntries(
    Object.entries(transports).map(([name, one]) => [
      name,
      { transport: { kind: 'serial', ...one }, ...more },
    ]),
  );
  const result = loadConfig({ overrides: [{ path: ['sensors'], value: sensors, source: 'test' }] });
  return {
    errors: 'errors' in result ? result.errors.map((issue) => formatIssue(issue)) : [],
    warnings: result.warnings.map((issue) => formatIssue(issue)),
    config: 'config' in result ? result.config : undefined,
  };
}

describe('a serial port is named', () => {
  test('by a link, USB numbers, the uid of the sensor, or together with it', () => {
    for (const one of [
      { path: '/dev/serial/by-id/a' },
      { usb: '16c0:0483:12345' },
      { usb: '16C0:0483' },
      { uid: '0102' },
      { usb: '16c0:0483', uid: '0102' },
      { path: '/dev/serial/by-path/b', uid: '0102' },
    ]) {
      const { errors, warnings, config } = check({ f: one });
      assert.deepEqual([errors, warnings], [[], []]);
      assert.deepEqual({ ...config!.sensors['f']!.transport, ...one }, config!.sensors['f']!.transport);
    }
  });

  test('by something, and by no two things that exclude each other', () => {
    assert.match(
      check({ f: {} }).errors.join(),
      /sensors\.f\.transport\.path: is missing; or give usb or uid/,
    );
    assert.match(check({ f: { path: '/a', usb: '16c0:0483' } }).errors.join(), /usb: excludes path/);
    assert.match(check({ f: { usb: 'teensy' } }).errors.join(), /usb: must be vendor:product or/);
    assert.match(
      check({ f: { uid: '01' } }, { tickNs: 1000 }).errors.join(),
      /uid: needs a sensor that says/,
    );
  });

  test('so that no other sensor has it', () => {
    for (const key of ['path', 'usb', 'uid']) {
      const one = { [key]: key === 'usb' ? '16c0:0483' : '/x' };
      assert.match(
        check({ a: one, b: one }).errors.join(),
        new RegExp(`b\\.transport\\.${key}: is the port of sensor a`),
      );
    }
    const alike = { usb: '16c0:0483' };
    assert.deepEqual(check({ a: { ...alike, uid: '1' }, b: { ...alike, uid: '2' } }).errors, []);
  });
});

test('a number that depends on the order of plugging is a warning', () => {
  const { errors, warnings } = check({ f: { path: '/dev/ttyUSB0' } });
  assert.deepEqual(errors, []);
  assert.match(
    warnings.join(),
    /sensors\.f\.transport\.path: .*ttyUSB0 changes with the order of plugging.*whorl ports/,
  );
  assert.deepEqual(check({ f: { path: '/dev/ttyAMA0' } }).warnings, []);
});
