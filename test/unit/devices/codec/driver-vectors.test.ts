/** The vectors of every sensor that has a driver, apart from TEF's, each decoded, and encoded where hosts send them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { AgniDecoder } from '../../../../devices/codec/agni/decoder.js';
import { PicGloveDecoder } from '../../../../devices/codec/agni/pic-glove.js';
import { agniCommands } from '../../../../devices/codec/agni/protocol.js';
import { AnyskinDecoder } from '../../../../devices/codec/anyskin.js';
import { PtsDecoder } from '../../../../devices/codec/contactile-pts.js';
import type { Decoder } from '../../../../devices/codec/decoder.js';
import { EdvsDecoder } from '../../../../devices/codec/edvs/decoder.js';
import { addressEvent, IcubAeDecoder } from '../../../../devices/codec/icub-ae.js';
import { FlexitacDecoder } from '../../../../devices/codec/matrix/flexitac.js';
import { DriverRecorder } from '../../../support/driver-recorder.js';
import { needsFiles, shared } from '../../../support/paths.js';
import { concat, fromHex, toHex } from '../../../support/tef.js';
import { picFrame, ptsFrame } from '../../../support/wire-formats.js';

const vectors = {
  edvs_E2: '858a1234',
  edvs_E3: '858a012345',
  edvs_E4: '850a00012345',
  icub_AE: 'e803000061f24e00',
  icub_skinAE: 'd43000006b000001',
  anyskin_1mag: '0000c8410000c03f000020c00000c8420d0a',
  flexitac_2x3: 'aa550001020304ff',
  agni_glove_2taxels: 'f0c40140e2010000ff0f019b1fe3',
  glove_legacy: '3c010fff00',
  pts_1x1:
    '556677880201000d000300190004003b000500000040e201000000000001000400010004000200cdcccc3dcdcc4cbe0000c03f0ad7233c0ad7a3bc9a99993e010004000200cdcccc3dcdcc4cbe0000c03f0000803f00000040000040403715aabbccdd',
};
const commands = {
  config: 'f0c400c0f4',
  serial: 'f0c400c2f6',
  topology: 'f0c400c1f5',
  start: 'f0c400f1c5',
  stop: 'f0c4000034',
};

/** What a decoder calls for these bytes, which it has to accept whole but for `held` of them. */
function decode(decoder: Decoder<DriverRecorder>, bytes: Uint8Array, held = 0): unknown[][] {
  const recorder = new DriverRecorder();
  decoder.push(bytes, recorder, 77);
  assert.deepEqual([decoder.accepted, decoder.buffered], [bytes.length - held, held]);
  return recorder.calls;
}

const pixel = 5 * 128 + 10;
for (const [name, bits, polarity, time] of [
  ['edvs_E2', 16, 1, 0x1234],
  ['edvs_E3', 24, 1, 0x012345],
  ['edvs_E4', 32, 0, 0x00012345],
] as const)
  test(`eDVS with ${bits} bits of time`, () => {
    const decoder = new EdvsDecoder({ timestampBits: bits, lockRecords: 1 });
    assert.deepEqual(decode(decoder, fromHex(vectors[name])), [['events', [[time, pixel, polarity]]]]);
  });

test('eDVS without time: that of arrival', () => {
  const decoder = new EdvsDecoder({ timestampBits: 0, lockRecords: 1 });
  assert.deepEqual(decode(decoder, fromHex('858a')), [['events', [[77, pixel, 1]]]]);
});

test('iCub, a skin event', () => {
  const bytes = fromHex(vectors.icub_skinAE);
  assert.deepEqual(decode(new IcubAeDecoder(), bytes), [['events', [[1000, 3 * 16 + 5, 1]]]]);
  const view = new DataView(bytes.buffer);
  assert.deepEqual(addressEvent(view.getUint32(0, true), view.getUint32(4, true)), {
    ...{ kind: 'skin', time: 12_500, polarity: 1, taxel: 5, device: 3 },
  });
});

test('iCub, a vision event: read as one, and not for this driver', () => {
  const bytes = fromHex(vectors.icub_AE);
  const view = new DataView(bytes.buffer);
  assert.deepEqual(addressEvent(view.getUint32(0, true), view.getUint32(4, true)), {
    ...{ kind: 'vision', time: 1000, polarity: 1, x: 304, y: 239, channel: 1 },
  });
  assert.deepEqual(decode(new IcubAeDecoder(), bytes), [['reject', 'kind', 1]]);
});

test('AnySkin with one magnetometer, three frames for the lock', () => {
  const frame = fromHex(vectors.anyskin_1mag);
  const decoder = new AnyskinDecoder({ chips: 1, axes: ['t', 'x', 'y', 'z'] });
  const levels = ['levels', 77, 0, [25, 1.5, -2.5, 100]];
  assert.deepEqual(decode(decoder, concat(frame, frame, frame)), [levels, levels, levels]);
});

test('FlexiTac 2x3, with the beginning of the next frame', () => {
  const bytes = concat(fromHex(vectors.flexitac_2x3), fromHex('aa55'));
  assert.deepEqual(decode(new FlexitacDecoder(6), bytes, 2), [['levels', 77, 0, [0, 1, 2, 3, 4, 255]]]);
});

test('AGNI, a glove of two taxels', () => {
  const bytes = fromHex(vectors.agni_glove_2taxels);
  assert.deepEqual(decode(new AgniDecoder({ taxels: 2 }), bytes), [['levels', 77, 0, [0, 100]]]);
  const clocked = new AgniDecoder({ taxels: 2, tickNs: 1000 });
  assert.deepEqual(decode(clocked, bytes), [['levels', 123_456, 0, [0, 100]]]);
});

test('AGNI, what a host sends', () => {
  for (const [name, hex] of Object.entries(commands))
    assert.equal(toHex(agniCommands[name as keyof typeof commands]()), hex, name);
});

test('the older glove: the first of the packets of a frame', () => {
  const values = [4095, ...Array.from({ length: 63 }, (_, i) => 4095 - i)];
  const bytes = picFrame(values);
  assert.equal(toHex(bytes.slice(0, 5)), vectors.glove_legacy);
  const pressures = [0, ...Array.from({ length: 63 }, (_, i) => i)];
  assert.deepEqual(decode(new PicGloveDecoder(), bytes), [['levels', 77, 0, pressures]]);
});

test('PTS with one sensor and one pillar', () => {
  const bytes = fromHex(vectors.pts_1x1);
  const values = [0.1, -0.2, 1.5, 0.01, -0.02, 0.3];
  const decoder = new PtsDecoder({ pillars: 1, values: ['fx', 'fy', 'fz', 'dx', 'dy', 'dz'] });
  const levels = values.map(Math.fround);
  assert.deepEqual(decode(decoder, bytes), [['levels', 123_456, 0, levels]]);
  // The encoder of the tests agrees, apart from the torques of the global block (1, 2, 3), which it does not take.
  const made = ptsFrame(5, 123_456, [[values]]);
  assert.equal(made.length, bytes.length);
  assert.equal(toHex(made.slice(0, 77)), toHex(bytes.slice(0, 77)));
});

const file = shared('reference', 'vectors.json');
test('the vectors of the reference file are these', { skip: needsFiles(file) }, () => {
  const reference = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string | { hex?: string }>;
  const { agni_cmds, paxini_version_req, ...others } = reference;
  assert.deepEqual(agni_cmds, commands);
  for (const [name, vector] of Object.entries(others)) {
    if (name.startsWith('tef_')) continue; // tef-vectors.test.ts
    const hex = typeof vector === 'string' ? vector : vector.hex;
    assert.equal(hex, vectors[name as keyof typeof vectors], name);
  }
  // PaXini has no driver (it must be polled); that its check value is the two's complement of the sum can still be said.
  const request = fromHex(paxini_version_req as string).slice(4, -4);
  assert.equal(request.reduce((a, b) => a + b, 0) & 0xff, 0);
});
