import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { describePort, listPorts } from '../../../../devices/index.js';

test('ports are described by chip and serial number', () => {
  const teensy = { path: '/dev/ttyACM0', vendorId: '16c0', productId: '0483', serialNumber: '123' };
  assert.equal(describePort(teensy), 'Teensy (16c0:0483), no. 123');
  const ftdi = { path: '/dev/ttyUSB0', vendorId: '0403', productId: '6001', manufacturer: 'FTDI' };
  assert.equal(describePort(ftdi), 'FTDI FT232R, USB-serial bridge (0403:6001), by FTDI');
  assert.equal(
    describePort({ path: 'x', vendorId: '2e8a', productId: '000a' }),
    'Raspberry Pi RP2040/RP2350 (2e8a:000a)',
  );
  assert.equal(
    describePort({ path: 'x', vendorId: 'dead', productId: 'beef' }),
    'unknown device (dead:beef)',
  );
  assert.equal(describePort({ path: '/dev/ttyS0' }), 'serial port on the board');
  assert.equal(describePort({ path: '/dev/ttyUSB3' }), 'no USB data');
});

test('the list has USB numbers in lower case and the stable path', async () => {
  const raw = { path: '/dev/ttyACM0', vendorId: '2E8A', productId: '000A', pnpId: 'usb-Pico-if00' };
  assert.deepEqual(await listPorts(async () => [{ ...raw, manufacturer: undefined }]), {
    ports: [
      {
        path: '/dev/ttyACM0',
        vendorId: '2e8a',
        productId: '000a',
        stablePath: '/dev/serial/by-id/usb-Pico-if00',
      },
    ],
  });
});

test('without udev the device files are listed by name, with a note', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'whorl-dev-'));
  for (const name of ['ttyUSB0', 'ttyACM11', 'tty1', 'null']) writeFileSync(join(folder, name), '');
  const noUdev = async () => {
    throw Object.assign(new Error('spawn udevadm ENOENT'), { code: 'ENOENT' });
  };
  const { ports, note } = await listPorts(noUdev, folder);
  assert.deepEqual(
    ports.map(({ path }) => path),
    [join(folder, 'ttyACM11'), join(folder, 'ttyUSB0')],
  );
  assert.match(note!, /udevadm is not installed/);
  rmSync(folder, { recursive: true });
});

test('a folder that cannot be read gives an empty list, not an error', async () => {
  const failing = () => Promise.reject(new Error('broken'));
  assert.deepEqual((await listPorts(failing, '/no/such/folder')).ports, []);
});

test('on this machine listing does not fail', async () => {
  assert.ok(Array.isArray((await listPorts()).ports));
});
