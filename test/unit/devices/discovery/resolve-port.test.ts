import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { portResolver } from '../../../../devices/discovery/resolve-port.js';
import { isBarePath, type PortInfo } from '../../../../devices/index.js';

const teensy = (path: string, serialNumber?: string): PortInfo => ({
  ...{ path, vendorId: '16c0', productId: '0483' },
  ...(serialNumber === undefined ? {} : { serialNumber }),
});

/** A machine whose ports the test changes. */
function machine(ports: PortInfo[]) {
  return { ports, list: async () => ({ ports }) };
}

describe('a port is found', () => {
  test('by its path as it stands, without a look', async () => {
    const resolve = portResolver({ path: '/dev/serial/by-id/x' }, () => assert.fail('listed'));
    assert.equal(await resolve(), '/dev/serial/by-id/x');
  });

  test('by USB numbers and serial number, where it is now', async () => {
    const { ports, list } = machine([teensy('/dev/ttyACM0', '9'), teensy('/dev/ttyACM1', '12345')]);
    const resolve = portResolver({ usb: '16C0:0483:12345' }, list);
    assert.equal(await resolve(), '/dev/ttyACM1');
    ports[1] = teensy('/dev/ttyACM7', '12345');
    assert.equal(await resolve(), '/dev/ttyACM7');
  });

  test('by USB numbers alone when there is only one', async () => {
    const { list } = machine([teensy('/dev/ttyACM3', '9'), { path: '/dev/ttyS0' }]);
    assert.equal(await portResolver({ usb: '16c0:0483' }, list)(), '/dev/ttyACM3');
  });

  test('by the uid of the sensor, one candidate after the other', async () => {
    const { list } = machine([teensy('/dev/ttyACM0'), { path: '/dev/ttyS0' }, teensy('/dev/ttyACM1')]);
    const resolve = portResolver({ uid: '0102' }, list);
    assert.deepEqual(
      [await resolve(), await resolve(), await resolve()],
      ['/dev/ttyACM0', '/dev/ttyACM1', '/dev/ttyACM0'],
    );
  });
});

test('several ports that fit are refused, with the names that tell them apart', async () => {
  const { list } = machine([teensy('/dev/ttyACM0', 'A'), teensy('/dev/ttyACM1', 'B')]);
  await assert.rejects(portResolver({ usb: '16c0:0483' }, list)(), {
    code: 'EAMBIGUOUS',
    message:
      /2 ports have usb 16c0:0483: .*\/dev\/ttyACM0 = usb: "16c0:0483:A"; \/dev\/ttyACM1 = usb: "16c0:0483:B"$/,
  });
});

test('none that fits is absent, with those that there are', async () => {
  const { list } = machine([teensy('/dev/ttyACM0', 'A')]);
  await assert.rejects(portResolver({ usb: '16c0:0483:B' }, list)(), {
    code: 'ENOENT',
    message: /no port has usb 16c0:0483:B: plug the sensor in.*there are: \/dev\/ttyACM0 Teensy/,
  });
  await assert.rejects(
    portResolver({ uid: 'x' }, machine([]).list)(),
    /no port has uid x.*there are no ports/,
  );
});

test('an identity that says nothing, or nonsense, is refused at once', () => {
  assert.throws(() => portResolver({}), RangeError);
  assert.throws(() => portResolver({ usb: '16c0' }), /vendor:product/);
});

test('numbers that change with the order of plugging are known', () => {
  for (const path of ['/dev/ttyUSB0', '/dev/ttyACM12']) assert.ok(isBarePath(path), path);
  for (const path of ['/dev/serial/by-id/a', '/dev/ttyS0', '/dev/ttyAMA0', '/tmp/ttyUSB0', '/dev/finger'])
    assert.ok(!isBarePath(path), path);
});
