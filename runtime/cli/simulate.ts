import { createServer } from 'node:net';
import { type Command, Option } from 'commander';
import {
  acceptedTransport,
  readGeometry,
  SimulatedDevice,
  serialTransport,
  type Transport,
} from '../../devices/index.js';
import { openTouch } from '../dataset/touch.js';
import { examples } from './examples.js';
import { CliError, exitCodes } from './exit.js';
import { integer, number, optionHelp } from './options.js';
import { ProbedTransport } from './probed-transport.js';

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
    .option('--to <port>', 'serial port or pseudo-terminal to speak on')
    .addOption(
      new Option('--listen <port>', 'or: TCP port on 127.0.0.1 to wait for one host after the other; 0: any')
        .argParser(integer(0, 65_535))
        .conflicts('to'),
    )
    .option('--baud <rate>', 'speed of the serial port', integer(1200, 12_000_000), 1_000_000)
    .option(
      '-d, --data <data>',
      'what the sensor feels: simulator[:seed=7,count=20,kinds=press+tap], or recordings',
      'simulator:seed=1,count=1000000',
    )
    .option('--windows <n>', 'end after so many contacts or recorded windows', integer(1))
    .option('--geometry <name>', optionHelp.geometry, 'neutouch-b')
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
  examples(command, [
    ['whorl simulate --to /tmp/sensor', 'simulated contacts without end, at real pace'],
    ['whorl simulate --to /tmp/sensor --data recordings.zip --windows 36', 'recorded windows, end to end'],
    ['whorl simulate --listen 4001', 'a sensor behind a network bridge'],
  ]);
}

async function run(options: Options): Promise<void> {
  if (options.to === undefined && options.listen === undefined) {
    throw new CliError('simulate needs --to PORT or --listen PORT', exitCodes.usage);
  }
  const geometry = await readGeometry(options.geometry);
  const touch = await openTouch(options.data, geometry, undefined, options.windows);
  const device = new SimulatedDevice({
    geometry,
    source: touch.events,
    speed: options.speed === 0 ? Number.POSITIVE_INFINITY : options.speed,
    startAtOnce: options.startAtOnce ?? false,
    clockStartsWithStream: true,
  });
  const said = (text: string): void => console.error(`simulate: ${text}`);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  void device.finished.then(() => {
    said(`all sent: ${device.events} events${device.dropped > 0 ? `, ${device.dropped} dropped` : ''}`);
    if (!options.stay) stop.abort();
  });
  const ready = (where: string): void =>
    said(`${geometry.taxels.length} taxels, ${touch.about}, on ${where}; Ctrl-C ends`);
  await (options.to === undefined
    ? serveTcp(device, options.listen!, stop.signal, ready, said)
    : serveSerial(device, options.to, options.baud, stop.signal, ready));
}

async function serveSerial(
  device: SimulatedDevice,
  path: string,
  baudRate: number,
  signal: AbortSignal,
  ready: (where: string) => void,
): Promise<void> {
  const port = serialTransport({ path, baudRate })();
  await serveUntil(device, new ProbedTransport(port, { onOpen: () => ready(path) }), signal);
  if (!signal.aborted) throw new CliError(`${path}: the other end is gone`);
}

/** One host after the other, for as long as the signal allows. */
async function serveTcp(
  device: SimulatedDevice,
  port: number,
  signal: AbortSignal,
  ready: (where: string) => void,
  said: (text: string) => void,
): Promise<void> {
  const server = createServer({ noDelay: true });
  let serving = Promise.resolve();
  server.on('connection', (socket) => {
    said(`connected: ${socket.remoteAddress}:${socket.remotePort}`);
    socket.on('error', () => {}); // while it waits for its turn
    const turn = async (): Promise<void> => {
      if (signal.aborted) socket.destroy();
      else await serveUntil(device, new ProbedTransport(acceptedTransport(socket)), signal);
    };
    serving = serving.then(turn).catch((error: Error) => said(error.message));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is in use, choose another' : error.message;
      reject(new CliError(`--listen ${port}: ${reason}`));
    });
    signal.addEventListener('abort', () => server.close(() => resolve()), { once: true });
    server.listen(port, '127.0.0.1', () => ready(address(server.address())));
  });
  await serving;
}

/** Serves one link until it is gone or the signal comes, whichever is first. */
async function serveUntil(device: SimulatedDevice, transport: Transport, signal: AbortSignal): Promise<void> {
  const close = (): void => void transport.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    await device.serve(transport);
  } finally {
    signal.removeEventListener('abort', close);
  }
}

function address(bound: ReturnType<ReturnType<typeof createServer>['address']>): string {
  return bound === null || typeof bound === 'string' ? String(bound) : `${bound.address}:${bound.port}`;
}
