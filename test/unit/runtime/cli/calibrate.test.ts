/** `whorl calibrate` with a mat behind a network bridge, in this process. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { mock, type TestContext, test } from 'node:test';
import type { Calibration } from '../../../../devices/index.js';
import { createProgram } from '../../../../runtime/cli/commands.js';
import { temporaryFolder } from '../../../support/small-model.js';
import { flexitacFrame } from '../../../support/wire-formats.js';

const folder = temporaryFolder();

/** A mat of two taxels that sends, at once, more frames than are needed; the second wavers by two. */
async function mat(t: TestContext): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    for (let i = 0; i < 61; i++) socket.write(flexitacFrame([9, 100 + 2 * ((i % 3) - 1)]));
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

function configured(port: number, driver: string): string {
  const file = join(folder, 'whorl.yaml');
  const transport = `{kind: tcp, host: 127.0.0.1, port: ${port}}`;
  writeFileSync(file, `sensors: {mat: {transport: ${transport}, driver: ${driver}}}\n`);
  return file;
}

/** Runs the command and returns what it says. */
async function calibrate(...argv: string[]): Promise<string> {
  const said = mock.method(console, 'log', () => {});
  const progress = mock.method(console, 'error', () => {});
  try {
    const args = ['calibrate', ...argv];
    await (await createProgram(args)).parseAsync(args, { from: 'user' });
    return said.mock.calls.map(({ arguments: [line] }) => String(line)).join('\n');
  } finally {
    said.mock.restore();
    progress.mock.restore();
  }
}

test('writes the file that the configuration names', async (t) => {
  const driver = '{kind: matrix, format: flexitac, rows: 1, columns: 2, calibration: mat.json}';
  const file = configured(await mat(t), driver);
  const said = await calibrate('--sensor', 'mat', '--config', file, '--seconds', '0.2');
  assert.match(said, /^2 taxels, \d+ frames; written to .*mat\.json\nrest {7}9 \.\. 100/);
  const {
    driver: kind,
    rest,
    noise,
    threshold,
  } = JSON.parse(readFileSync(join(folder, 'mat.json'), 'utf8')) as Calibration;
  assert.deepEqual([kind, rest, noise], ['matrix', [9, 100], [0, 1.4826 * 2]]);
  assert.deepEqual(threshold, [4, 6 * 1.4826 * 2]); // two steps, which are 2 here
});

test('a sensor that says nothing of use', async (t) => {
  const driver = '{kind: anyskin, calibration: skin.json}';
  const server = createServer((socket) => void socket.destroy());
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const file = configured((server.address() as AddressInfo).port, driver);
  await assert.rejects(
    calibrate('--sensor', 'mat', '--config', file),
    /^Error: mat: no frame came: the other end has closed the link/,
  );
});
