import { createConnection, type Socket } from 'node:net';
import { type Clock, systemClock } from '../clock.js';
import { Lifecycle } from './lifecycle.js';
import {
  type Transport,
  TransportError,
  type TransportFactory,
  type TransportListener,
} from './transport.js';

export interface TcpOptions {
  readonly host: string;
  readonly port: number;
  /** How long connecting may take, in milliseconds. Default 5000. */
  readonly connectTimeoutMs?: number;
  readonly clock?: Clock;
}

/** A sensor behind a TCP port: a bridge, a simulator, a serial server in raw mode. */
export function tcpTransport(options: TcpOptions): TransportFactory {
  const { host, port, connectTimeoutMs = 5000, clock = systemClock } = options;
  return () =>
    new TcpTransport(`tcp:${host}:${port}`, () => createConnection({ host, port }), connectTimeoutMs, clock);
}

/** The near end of a connection that a server has accepted. */
export function acceptedTransport(socket: Socket, clock: Clock = systemClock): Transport {
  return new TcpTransport(`tcp:${socket.remoteAddress}:${socket.remotePort}`, () => socket, 0, clock);
}

class TcpTransport implements Transport {
  private readonly life = new Lifecycle();
  private socket: Socket | undefined;
  private failure: TransportError | undefined;

  constructor(
    readonly name: string,
    private readonly connect: () => Socket,
    private readonly connectTimeoutMs: number,
    private readonly clock: Clock,
  ) {}

  async open(listener: TransportListener): Promise<void> {
    this.life.begin(listener);
    const socket = this.connect();
    this.socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 5000);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.failure ??= new TransportError(error.code ?? 'EUNKNOWN', remedy(this.name, error), error);
    });
    socket.on('close', () => this.life.end(this.failure));
    if (socket.destroyed) throw new TransportError('EPIPE', `${this.name} is closed`);
    if (socket.connecting) await this.connected(socket);
    this.life.opened();
    socket.on('data', (chunk) => this.life.data(chunk, this.clock.nowUs()));
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.life.untilTaken((taken) => this.socket?.write(Buffer.from(bytes), taken) ?? true);
  }

  pause(): void {
    this.socket?.pause();
  }

  resume(): void {
    this.socket?.resume();
  }

  async probe(): Promise<void> {
    if (!this.life.isOpen) throw this.failure ?? new TransportError('EPIPE', `${this.name} is closed`);
  }

  async close(): Promise<void> {
    this.life.end();
    const { socket } = this;
    if (socket === undefined || socket.connecting) {
      socket?.destroy();
      return;
    }
    // What was written is still sent, but not waited for longer than a second.
    socket.setTimeout(1000, () => socket.destroy());
    socket.destroySoon();
  }

  private connected(socket: Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.setTimeout(this.connectTimeoutMs, () => {
        this.failure = new TransportError(
          'ETIMEDOUT',
          `${this.name} does not answer: check address and network`,
        );
        socket.destroy();
      });
      socket.once('connect', () => {
        socket.setTimeout(0);
        resolve();
      });
      socket.once('close', () =>
        reject(this.failure ?? new TransportError('ECANCELED', `${this.name} was closed before it was open`)),
      );
    });
  }
}

function remedy(name: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return `${name} refuses the connection: start the program that listens there, or correct the port`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${name}: the host name is not known; correct it or use an address`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${name} cannot be reached: check the network`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${name} has broken the connection`;
    default:
      return `${name}: ${error.message}`;
  }
}
