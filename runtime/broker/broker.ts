import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import type { Logger } from '../log/index.js';
import { isLoopback } from '../loopback.js';
import { PacketLimit } from '../mqtt-packet-limit.js';
import { isCommandTopic } from '../publish/topics.js';

export interface BrokerOptions {
  /** Address to listen on; only loopback unless `allowRemote`. */
  readonly host: string;
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** Listen beyond loopback, without passwords and encryption. */
  readonly allowRemote: boolean;
  readonly log: Logger;
}

/** What one client may cost. */
export const MAX_PACKET_BYTES = 1_048_576;
export const MAX_RETAINED_TOPICS = 4096;
const MAX_CONNECTIONS = 128;
/** A client that takes nothing for so long is cut off: until then it can hold up the others. */
const DRAIN_TIMEOUT_MS = 1000;
const CONNECT_TIMEOUT_MS = 5000;

/**
 * The embedded broker: aedes on a loopback port, for one machine without a broker of its own. It keeps everything in
 * memory, no sessions, and has no passwords; for other hosts there is Mosquitto.
 */
export class EmbeddedBroker {
  private aedes: Aedes | undefined;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly retained = new Set<string>();
  /** Payloads of commands that came with the retain flag: the one thing of a message that aedes hands on uncopied. */
  private readonly retainedCommands = new WeakSet<object>();

  constructor(private readonly options: BrokerOptions) {}

  /** Where it listens, e.g. `mqtt://127.0.0.1:1883`; undefined when it does not. */
  get url(): string | undefined {
    const address = this.server?.address();
    if (address === undefined || address === null || typeof address === 'string') return undefined;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `mqtt://${host}:${address.port}`;
  }

  /** Begins to listen. Throws with the remedy when the address is not allowed or not free. */
  async start(): Promise<void> {
    if (this.server !== undefined) return;
    const { host, port, allowRemote, log } = this.options;
    if (!isLoopback(host)) {
      if (!allowRemote)
        throw new Error(
          `the embedded broker has no passwords and listens on loopback only, not on ${host}; set broker.allowRemote, or use a broker of its own (mqtt.url)`,
        );
      log.warn({ host }, 'the embedded broker listens beyond this machine, without passwords and encryption');
    }
    const aedes = await this.createAedes();
    const server = createServer({ noDelay: true }, (socket) => this.accept(aedes, socket));
    server.maxConnections = MAX_CONNECTIONS;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
    } catch (error) {
      await closed((done) => aedes.close(done));
      throw explain(error as NodeJS.ErrnoException, host, port);
    }
    server.on('error', (error) =>
      log.error({ err: error }, 'the embedded broker has a problem with its socket'),
    );
    this.aedes = aedes;
    this.server = server;
    log.info({ broker: this.url }, 'embedded broker listens');
  }

  /** Cuts all connections and forgets everything; resolves when the port is free. */
  async stop(): Promise<void> {
    const { aedes, server } = this;
    if (aedes === undefined || server === undefined) return;
    this.aedes = undefined;
    this.server = undefined;
    const serverClosed = closed((done) => server.close(done));
    await closed((done) => aedes.close(done));
    for (const socket of this.sockets) socket.destroy();
    await serverClosed;
    this.retained.clear();
  }

  private async createAedes(): Promise<Aedes> {
    const aedes = await Aedes.createBroker({
      connectTimeout: CONNECT_TIMEOUT_MS,
      drainTimeout: DRAIN_TIMEOUT_MS,
      // Kept sessions would queue for absent clients without a bound.
      preConnect: (_client, packet, done) => {
        packet.clean = true;
        done(null, true);
      },
      authorizePublish: (_client, { topic, retain, payload }, done) => {
        if (topic.startsWith('$SYS/')) return done(new Error('$SYS belongs to the broker'));
        if (retain && !this.mayRetain(topic, payload.length === 0))
          return done(new Error(`more than ${MAX_RETAINED_TOPICS} retained topics`));
        if (retain && isCommandTopic(topic)) this.retainedCommands.add(payload as Buffer);
        done(null);
      },
      // MQTT 3.1.1 takes the flag away for who is subscribed already, and so an edge would carry out what it must refuse.
      authorizeForward: (_client, packet) => {
        if (isCommandTopic(packet.topic) && this.retainedCommands.has(packet.payload as Buffer))
          packet.retain = true;
        return packet;
      },
    });
    const { log } = this.options;
    const tell = (client: { id?: string } | null, error: Error): void =>
      log.debug(
        { client: client?.id ?? 'unknown', reason: error.message },
        'the embedded broker closed a connection',
      );
    aedes.on('clientError', tell);
    aedes.on('connectionError', tell);
    return aedes;
  }

  private mayRetain(topic: string, clears: boolean): boolean {
    if (clears) this.retained.delete(topic);
    else if (this.retained.has(topic) || this.retained.size < MAX_RETAINED_TOPICS) this.retained.add(topic);
    else return false;
    return true;
  }

  /**
   * aedes reads a connection by `read()` alone, so this is where its bytes can be looked at without a copy or another
   * stream in between.
   */
  private accept(aedes: Aedes, socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    const limit = new PacketLimit(MAX_PACKET_BYTES);
    const read = socket.read.bind(socket);
    socket.read = (size?: number) => {
      const bytes = read(size) as Buffer | null;
      if (bytes === null || limit.accept(bytes)) return bytes;
      socket.destroy(new Error(`a packet of more than ${MAX_PACKET_BYTES} bytes`));
      return null;
    };
    aedes.handle(socket);
  }
}

function closed(close: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => close(() => resolve()));
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const where = `${host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new Error(
        `the embedded broker cannot listen on ${where}: something listens there already. If it is a broker, use it: set mqtt.url to mqtt://${where}; else choose another broker.port`,
        { cause: error },
      );
    case 'EACCES':
      return new Error(`the embedded broker may not listen on ${where}; choose a broker.port above 1023`, {
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Error(`the embedded broker cannot listen on ${where}: this machine has no such address`, {
        cause: error,
      });
    default:
      return new Error(`the embedded broker cannot listen on ${where}: ${error.message}`, { cause: error });
  }
}
