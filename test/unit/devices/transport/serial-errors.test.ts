import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serialError } from '../../../../devices/transport/serial-errors.js';

const cases: [string, string, RegExp][] = [
  ['Error: No such file or directory, cannot open /dev/ttyX', 'ENOENT', /plug the sensor in/],
  ['Error: Permission denied, cannot open /dev/ttyX', 'EACCES', /usermod -aG dialout/],
  ['Error Resource temporarily unavailable Cannot lock port', 'EBUSY', /fuser -v \/dev\/ttyX/],
  ['Error: Device or resource busy, cannot open /dev/ttyX', 'EBUSY', /fuser/],
  ['Error: Input/output error, cannot get baud rate', 'EIO', /unplugged/],
  ['bad file descriptor', 'EIO', /unplugged/],
  ['EIO: i/o error, read', 'EIO', /unplugged/],
  ['Error: No such device or address, cannot open /dev/ttyX', 'ENODEV', /plug the sensor in again/],
  ['Error: Inappropriate ioctl for device, cannot open', 'ENOTTY', /no serial port/],
  ['something else', 'EUNKNOWN', /something else/],
];

for (const [text, code, remedy] of cases) {
  test(`'${text}' is ${code}, with one line of advice`, () => {
    const error = serialError('/dev/ttyX', new Error(text));
    assert.equal(error.code, code);
    assert.match(error.message, remedy);
    assert.ok(error.message.startsWith('/dev/ttyX'));
    assert.ok(!error.message.includes('\n'));
  });
}
