import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { portFacts, sysfsPorts } from '../../../../devices/discovery/sysfs.js';
import {
  describePort,
  guessDrivers,
  listPorts,
  type PortInfo,
  stableNames,
} from '../../../../devices/index.js';
import { root } from '../../../support/paths.js';

const folder = mkdtempSync(join(tmpdir(), 'whorl-sys-'));
after(() => rmSync(folder, { recursive: true }));
const folders = { sys: join(folder, 'sys'), dev: join(folder, 'dev') };

function file(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  symlinkSync(target, join(folder, path));
}

/** A made-up machine: a Teensy, an FTDI bridge with a timer, two CH340 without serial numbers, UARTs on the board. */
function build(): void {
  const usb = 'sys/devices/pci0000:00/usb1';
  const device = (at: string, facts: Record<string, string>): void => {
    for (const [name, text] of Object.entries(facts)) file(`${usb}/${at}/${name}`, `${text}\n`);
  };
  device('1-1', { idVendor: '16C0', idProduct: '0483', serial: '12345', product: 'USB Serial' });
  link('sys/class/tty/ttyACM0/device', `../../../devices/pci0000:00/usb1/1-1/1-1:1.0`);
  link(`${usb}/1-1/1-1:1.0/driver`, '/sys/bus/usb/drivers/cdc_acm');
  device('1-2', { idVendor: '0403', idProduct: '6001', serial: 'A1', manufacturer: 'FTDI' });
  link('sys/class/tty/ttyUSB10/device', `../../../devices/pci0000:00/usb1/1-2/1-2:1.0/ttyUSB10`);
  file(`${usb}/1-2/1-2:1.0/ttyUSB10/latency_timer`, '16\n');
  link(`${usb}/1-2/1-2:1.0/ttyUSB10/driver`, '/sys/bus/usb-serial/drivers/ftdi_sio');
  for (const [i, name] of ['ttyUSB2', 'ttyUSB3'].entries()) {
    device(`1-${3 + i}`, { idVendor: '1a86', idProduct: '7523' });
    file(`${usb}/1-${3 + i}/1-${3 + i}:1.0/${name}/uevent`, '');
    link(
      `sys/class/tty/${name}/device`,
      `../../../devices/pci0000:00/usb1/1-${3 + i}/1-${3 + i}:1.0/${name}`,
    );
  }
  for (const [name, type] of [
    ['ttyS0', '4'],
    ['ttyS1', '0'],
  ] as const) {
    file(`sys/devices/platform/${name}/uevent`, '');
    link(`sys/class/tty/${name}/device`, `../../../devices/platform/${name}`);
    file(`sys/class/tty/${name}/type`, `${type}\n`);
  }
  file('sys/class/tty/tty1/dev', '4:1');
  link('dev/serial/by-id/usb-Teensy_12345-if00', '../../ttyACM0');
  link('dev/serial/by-id/usb-1a86_USB_Serial-if00-port0', '../../ttyUSB3');
  link('dev/serial/by-path/pci-0-usb-0:3:1.0-port0', '../../ttyUSB2');
  link('dev/serial/by-path/pci-0-usb-0:4:1.0-port0', '../../ttyUSB3');
}
build();

const dev = (path: string): string => join(folders.dev, path);
const find = async (name: string): Promise<{ port: PortInfo; ports: PortInfo[] }> => {
  const ports = (await sysfsPorts(folders))!;
  return { port: ports.find(({ path }) => path === dev(name))!, ports };
};

describe('ports by sysfs', () => {
  test('are those with something behind them, in order', async () => {
    const { ports } = await listPorts(folders);
    assert.deepEqual(
      ports.map(({ path }) => path),
      ['ttyACM0', 'ttyS0', 'ttyUSB2', 'ttyUSB3', 'ttyUSB10'].map(dev),
    );
  });

  test('have USB numbers in lower case, driver, links and latency timer', async () => {
    assert.deepEqual((await find('ttyACM0')).port, {
      ...{ path: dev('ttyACM0'), vendorId: '16c0', productId: '0483', serialNumber: '12345' },
      ...{ product: 'USB Serial', driver: 'cdc_acm', byId: dev('serial/by-id/usb-Teensy_12345-if00') },
    });
    const { latencyTimerMs, driver } = await portFacts('/dev/ttyUSB10', folders);
    assert.deepEqual([latencyTimerMs, driver], [16, 'ftdi_sio']);
    assert.deepEqual(await portFacts('/dev/pts/3', folders), {});
  });

  test('have names that stay: by serial number; without one by the socket alone', async () => {
    const names = async (name: string): Promise<string[]> => {
      const { port, ports } = await find(name);
      return stableNames(port, ports);
    };
    assert.deepEqual(await names('ttyACM0'), [
      'usb: "16c0:0483:12345"',
      `path: ${dev('serial/by-id/usb-Teensy_12345-if00')}`,
    ]);
    assert.deepEqual(await names('ttyUSB3'), [`path: ${dev('serial/by-path/pci-0-usb-0:4:1.0-port0')}`]);
    assert.deepEqual(await names('ttyS0'), []);
  });
});

test('two ports of one device are told apart by their links', () => {
  const half = (n: number): PortInfo => ({
    ...{ path: `/dev/ttyUSB${n}`, vendorId: '0403', productId: '6010', serialNumber: 'X' },
    byId: `/dev/serial/by-id/usb-FTDI_X-if0${n}-port0`,
  });
  const ports = [half(0), half(1)];
  assert.deepEqual(stableNames(ports[1]!, ports), ['path: /dev/serial/by-id/usb-FTDI_X-if01-port0']);
});

test('ports are described by chip and serial number', () => {
  const teensy = { path: '/dev/ttyACM0', vendorId: '16c0', productId: '0483', serialNumber: '123' };
  assert.equal(describePort(teensy), 'Teensy (16c0:0483), no. 123');
  const ftdi = { path: '/dev/ttyUSB0', vendorId: '0403', productId: '6001', manufacturer: 'FTDI' };
  assert.equal(describePort(ftdi), 'FTDI FT232R, USB-serial bridge (0403:6001), by FTDI');
  const pico = { path: 'x', vendorId: '2e8a', productId: '000a', product: 'Pico' };
  assert.equal(describePort(pico), "Raspberry Pi RP2040/RP2350 (2e8a:000a), 'Pico'");
  assert.equal(
    describePort({ path: 'x', vendorId: 'dead', productId: 'beef' }),
    'unknown device (dead:beef)',
  );
  assert.equal(describePort({ path: '/dev/ttyS0' }), 'serial port on the board');
  assert.equal(describePort({ path: '/dev/ttyUSB3' }), 'no USB data');
});

test('guesses come with the likeliest first, and there are none where nothing is known', () => {
  const guesses = guessDrivers({ path: 'x', vendorId: '16c0', productId: '0483' });
  assert.deepEqual(
    guesses.map(({ driver }) => driver),
    ['tef', 'agni-sp', 'matrix'],
  );
  assert.ok(guesses.every(({ score }) => score > 0 && score <= 1));
  assert.deepEqual(guessDrivers({ path: 'x', vendorId: 'dead', productId: 'beef' }), []);
  assert.deepEqual(guessDrivers({ path: '/dev/ttyS0' }), []);
});

test('the udev rule names only devices that are known', () => {
  const rules = readFileSync(join(root, 'runtime/deploy/60-whorl.rules'), 'utf8');
  const found = [...rules.matchAll(/idVendor\}=="([^"]+)"(?:, ATTRS\{idProduct\}=="([^"]+)")?/g)];
  assert.ok(found.length >= 5);
  for (const [, vendors, products = '0000'] of found)
    for (const vendorId of vendors!.split('|'))
      for (const productId of products.split('|'))
        assert.doesNotMatch(describePort({ path: 'x', vendorId, productId }), /unknown/);
});

describe('without sysfs', () => {
  const none = { sys: join(folder, 'no-sys'), dev: join(folder, 'bare') };

  test('serialport lists', async () => {
    const raw = { path: '/dev/ttyACM0', vendorId: '2E8A', productId: '000A', pnpId: 'usb-Pico-if00' };
    const pico = { path: '/dev/ttyACM0', vendorId: '2e8a', productId: '000a' };
    assert.deepEqual(await listPorts(none, async () => [{ ...raw, manufacturer: undefined }]), {
      ports: [{ ...pico, byId: '/dev/serial/by-id/usb-Pico-if00' }],
    });
  });

  test('and udev the device files are listed by name, with a note', async () => {
    for (const name of ['ttyUSB0', 'ttyACM11', 'tty1', 'null']) file(`bare/${name}`, '');
    const noUdev = async () => {
      throw Object.assign(new Error('spawn udevadm ENOENT'), { code: 'ENOENT' });
    };
    const { ports, note } = await listPorts(none, noUdev);
    assert.deepEqual(
      ports.map(({ path }) => path),
      [join(none.dev, 'ttyACM11'), join(none.dev, 'ttyUSB0')],
    );
    assert.match(note!, /udevadm is not installed/);
  });

  test('a folder that cannot be read gives an empty list, not an error', async () => {
    const failing = () => Promise.reject(new Error('broken'));
    const nowhere = { ...none, dev: '/no/such/folder' };
    assert.deepEqual((await listPorts(nowhere, failing)).ports, []);
  });
});

test('on this machine listing does not fail', async () => {
  assert.ok(Array.isArray((await listPorts()).ports));
});
