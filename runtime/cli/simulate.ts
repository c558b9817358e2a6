import { createServer } from 'node:net';
import type { Command } from 'commander';
import {
  acceptedTransport,
  readGeometry,
  SimulatedDevice,
  serialTransport,
  type Transport,
} from '../../devices/index.js';
import { openTouch } from '../dataset/touch.js';
import { CliError, exitCodes } from './exit.js';
import { integer, number } from './options.js';

interface Options {
  readonly to?: string;
  readonly listen?: number;
  readonly baud: number;
  readonly data: string;
  readonly windows?: number;
  readonly geometry: string;
  readonly speed: number;
  readonly startAtOnce?: true;
  readonly stay?: true;
}

export function define(command: Command): void {
  command
    .option('--to <port>', 'serial port or pseudo-terminal to speak on, e.g. /dev/ttyUSB0 or /tmp/sensor')
    .option(
      '--listen <port>',
      'or: TCP port on 127.0.0.1 to wait for one host after the other',
      integer(0, 65_535),
    )
    .option('--baud <rate>', 'speed of the serial port', integer(1200, 12_000_000), 1_000_000)
    .option(
      '-d, --data <data>',
      'what the sensor feels: simulator[:seed=7,count=20,kinds=press+tap], or recordings',
      'simulator:seed=1,count=1000000',
    )
    .option('--windows <n>', 'end after so many contacts or recorded windows', integer(1))
    .option('--geometry <name>', 'built-in geometry or JSON file', 'neutouch-b')
    .option(
      '--speed <x>',
      '1 is real time, 10 ten times as fast, 0 as fast as the link takes it',
      number(0, 1e6),
      1,
    )
    .option('--start-at-once', 'send without waiting for a host to say START')
    .option('--stay', 'stay connected when everything has been sent, with a heartbeat every 500 ms')
    .addHelpText(
      'after',
      '\nA pair of pseudo-terminals to try it on:\n  socat pty,raw,echo=0,link=/tmp/sensor pty,raw,echo=0,link=/tmp/host',
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  if ((options.to === undefined) === (options.listen === undefined)) {
    throw new CliError('simulate needs either --to PORT or --listen PORT', exitCodes.usage);
  }
  const geometry = await readGeometry(options.geometry);
  const touch = await openTouch(options.data, geometry, undefined, options.windows);
  if (touch.taxels !== geometry.taxels.length) {
    throw new CliError(
      `the data has ${touch.taxels} taxels, geometry ${geometry.id} has ${geometry.taxels.length}`,
      exitCodes.usage,
    );
  }
  const device = new SimulatedDevice({
    geometry,
    source: touch.events,
    speed: options.speed === 0 ? Number.POSITIVE_INFINITY : options.speed,
    startAtOnce: options.startAtOnce ?? false,
    clockStartsWithStream: true,
  });
  const said = (text: string): void => console.error(`simulate: ${text}`);
  said(
    `${geometry.taxels.length} taxels, ${touch.about}, on ${options.to ?? `127.0.0.1:${options.listen}`}; Ctrl-C ends`,
  );
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const links =
    options.to === undefined
      ? serveTcp(device, options.listen!, stop.signal, said)
      : serveSerial(device, options.to, options.baud, stop.signal);
  const everything = device.finished.then(() => {
    said(`all sent: ${device.events} events${device.dropped > 0 ? `, ${device.dropped} dropped` : ''}`);
    if (!options.stay) stop.abort();
  });
  await links;
  if (!stop.signal.aborted) await everything;
}

async function serveSerial(
  device: SimulatedDevice,
  path: string,
  baudRate: number,
  signal: AbortSignal,
): Promise<void> {
  const transport = serialTransport({ path, baudRate })();
  await serveUntil(device, transport, signal);
  if (!signal.aborted) throw new CliError(`${path}: the other end is gone`);
}

/** One host after the other, for as long as the signal allows. */
async function serveTcp(
  device: SimulatedDevice,
  port: number,
  signal: AbortSignal,
  said: (text: string) => void,
): Promise<void> {
  const server = createServer({ noDelay: true });
  let serving = Promise.resolve();
  server.on('connection', (socket) => {
    said(`connected: ${socket.remoteAddress}:${socket.remotePort}`);
    const transport = acceptedTransport(socket);
    serving = serving
      .then(() => serveUntil(device, transport, signal))
      .catch((error: Error) => said(error.message));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    signal.addEventListener('abort', () => server.close(() => resolve()), { once: true });
    server.listen(port, '127.0.0.1', () => said(`listening on ${JSON.stringify(server.address())}`));
  });
  await serving;
}

async function serveUntil(device: SimulatedDevice, transport: Transport, signal: AbortSignal): Promise<void> {
  const close = (): void => void transport.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    await device.serve(transport);
  } finally {
    signal.removeEventListener('abort', close);
  }
}
