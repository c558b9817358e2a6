/** What a real serial port, here a pseudo-terminal, says to the wishes of the options. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serialTransport } from '../../devices/index.js';
import type { SerialTransport } from '../../devices/transport/serial.js';
import { needs } from '../support/programs.js';
import { PtyCable } from '../support/pty.js';

describe('a serial port', { skip: needs('socat') }, () => {
  test('that is no UART takes all wishes, and says why there is no low latency', async (t) => {
    const cable = new PtyCable();
    t.after(() => cable.remove());
    await cable.plug();
    const wishes = { baudRate: 2_000_000, dtr: false, rts: true, lowLatency: true };
    const port = serialTransport({ path: cable.here, ...wishes })() as SerialTransport;
    t.after(() => port.close());
    await port.open({ data: () => {}, closed: () => {} });
    assert.deepEqual(port.warnings, []);
    assert.equal(port.latency?.state, 'none');
    assert.match(port.latency.note, /no UART.*nothing to set/);
  });

  test('is locked: a second opening is told who has it and how to find out', async (t) => {
    const cable = new PtyCable();
    t.after(() => cable.remove());
    await cable.plug();
    const first = serialTransport({ path: cable.here })();
    t.after(() => first.close());
    await first.open({ data: () => {}, closed: () => {} });
    const second = serialTransport({ path: cable.here })();
    await assert.rejects(second.open({ data: () => {}, closed: () => {} }), {
      code: 'EBUSY',
      message: /is in use: find the other program with 'fuser -v/,
    });
  });

  test('with USB numbers that nothing has is absent, and says what there is', async () => {
    const port = serialTransport({ usb: 'dead:beef:1' })();
    assert.equal(port.name, 'serial:usb dead:beef:1');
    await assert.rejects(port.open({ data: () => {}, closed: () => {} }), {
      code: 'ENOENT',
      message: /no port has usb dead:beef:1: plug the sensor in/,
    });
  });
});
