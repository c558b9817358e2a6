import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  acceptedTransport,
  CaptureWriter,
  memoryPair,
  rawFileTransport,
  replayTransport,
  serialTransport,
  type Transport,
  tcpTransport,
} from '../../devices/index.js';
import { needs } from './programs.js';
import { PtyCable } from './pty.js';
import { End } from './wire.js';

/** An open pipe in a test. */
export interface Pipe {
  readonly near: End;
  /** The far end; undefined when the pipe only plays `sent`, and then ends. */
  readonly far: End | undefined;
  /** Ends the pipe from the far side. */
  hangUp(): Promise<void>;
  cleanUp(): Promise<void>;
}

/** One kind of transport, for the conformance suite. */
export interface TransportKind {
  readonly name: string;
  readonly skip: false | string;
  /** `sent`: what a pipe without a far end is to play. */
  connect(sent: Uint8Array): Promise<Pipe>;
  /** A transport that has not been opened. */
  unopened(): Transport;
  /** The code that opening a pipe to nowhere fails with; undefined: there is no such pipe. */
  readonly nowhere: { readonly make: () => Transport; readonly code: string } | undefined;
}

const nothing = async (): Promise<void> => {};

const memory: TransportKind = {
  name: 'memory',
  skip: false,
  async connect() {
    const [here, there] = memoryPair();
    const [near, far] = [await new End(here).open(), await new End(there).open()];
    return { near, far, hangUp: () => there.close(), cleanUp: nothing };
  },
  unopened: () => memoryPair()[0],
  nowhere: undefined,
};

const tcp: TransportKind = {
  name: 'tcp',
  skip: false,
  async connect() {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const near = await new End(tcpTransport({ host: '127.0.0.1', port })()).open();
    const far = await new End(acceptedTransport((await accepted)[0])).open();
    server.close();
    return { near, far, hangUp: () => far.transport.close(), cleanUp: nothing };
  },
  unopened: tcpTransport({ host: '127.0.0.1', port: 1 }),
  nowhere: { make: tcpTransport({ host: '127.0.0.1', port: 1 }), code: 'ECONNREFUSED' },
};

const serial: TransportKind = {
  name: 'serial',
  skip: needs('socat'),
  async connect() {
    const cable = new PtyCable();
    await cable.plug();
    const near = await new End(serialTransport({ path: cable.here })()).open();
    const far = await new End(serialTransport({ path: cable.there })()).open();
    return { near, far, hangUp: () => cable.unplug(), cleanUp: () => cable.remove() };
  },
  unopened: serialTransport({ path: '/dev/no-such-port' }),
  nowhere: { make: serialTransport({ path: '/dev/no-such-port' }), code: 'ENOENT' },
};

const replay: TransportKind = {
  name: 'replay',
  skip: false,
  async connect(sent) {
    const folder = mkdtempSync(join(tmpdir(), 'whorl-replay-'));
    const path = join(folder, 'recording');
    const writer = await CaptureWriter.create(path, { startedUs: 1_000_000 });
    for (let at = 0; at < sent.length; at += 500)
      await writer.write(sent.subarray(at, at + 500), 1_000_000 + at);
    await writer.close();
    const near = await new End(replayTransport({ path, speed: Number.POSITIVE_INFINITY })()).open();
    return {
      near,
      far: undefined,
      hangUp: nothing,
      cleanUp: async () => rmSync(folder, { recursive: true }),
    };
  },
  unopened: replayTransport({ path: '/no/such/recording' }),
  nowhere: { make: replayTransport({ path: '/no/such/recording' }), code: 'ENOENT' },
};

const rawFile: TransportKind = {
  name: 'raw file',
  skip: false,
  async connect(sent) {
    const folder = mkdtempSync(join(tmpdir(), 'whorl-raw-'));
    const path = join(folder, 'bytes');
    writeFileSync(path, sent);
    const near = await new End(rawFileTransport({ path })()).open();
    return {
      near,
      far: undefined,
      hangUp: nothing,
      cleanUp: async () => rmSync(folder, { recursive: true }),
    };
  },
  unopened: rawFileTransport({ path: '/no/such/file' }),
  nowhere: { make: rawFileTransport({ path: '/no/such/file' }), code: 'ENOENT' },
};

export const transportKinds: readonly TransportKind[] = [memory, tcp, serial, replay, rawFile];
