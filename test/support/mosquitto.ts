import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.js';
import { freePort } from './ports.js';
import { findProgram } from './programs.js';

export interface MosquittoOptions {
  /** Port to listen on; a free one when left out. */
  readonly port?: number;
  /** Only this user is let in; everybody when left out. */
  readonly user?: { readonly name: string; readonly password: string };
  /** PEM files; `requireCertificate` also asks the client for one. */
  readonly tls?: {
    readonly ca: string;
    readonly cert: string;
    readonly key: string;
    readonly requireCertificate?: boolean;
  };
  /** Listen with WebSockets instead of plain MQTT. */
  readonly websockets?: boolean;
  /** The text of the configuration file, in place of all options above but the port. */
  readonly configuration?: (port: number, folder: string) => string;
  /** More lines for the configuration file. */
  readonly lines?: readonly string[];
}

/** A Mosquitto of the test's own, with a configuration of its own, on a port of its own. */
export class Mosquitto {
  private process: ChildProcess | undefined;
  private output = '';

  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {}

  /** Starts one that lives until the test ends; resolves when it accepts connections. */
  static async start(t: Cleanup, options: MosquittoOptions = {}): Promise<Mosquitto> {
    const folder = mkdtempSync(join(tmpdir(), 'whorl-mosquitto-'));
    const mosquitto = new Mosquitto(options.port ?? (await freePort()), folder);
    const text = (options.configuration ?? configuration)(mosquitto.port, folder, options);
    writeFileSync(join(folder, 'mosquitto.conf'), text);
    t.after(() => mosquitto.stop());
    await mosquitto.restart();
    return mosquitto;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Starts it again after `kill`, with the same port and nothing remembered. */
  async restart(): Promise<void> {
    const child = spawn(findProgram('mosquitto')!, ['-c', join(this.folder, 'mosquitto.conf')], {
      stdio: 'pipe',
    });
    this.process = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => (this.output += String(text)));
    while (!(await accepts(this.port)))
      if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}: ${this.output}`);
  }

  /** Ends it at once, as a power cut would. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Ends it and removes its files. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function configuration(
  port: number,
  folder: string,
  { user, tls, websockets, lines = [] }: MosquittoOptions,
): string {
  const passwords = join(folder, 'passwords');
  if (user !== undefined) {
    const program = findProgram('mosquitto_passwd') ?? 'mosquitto_passwd';
    execFileSync(program, ['-b', '-c', passwords, user.name, user.password], { stdio: 'pipe' });
  }
  return [
    `user ${userInfo().username}`,
    'persistence false',
    ...listeners(port, websockets === true ? folder : undefined),
    ...(user === undefined
      ? ['allow_anonymous true']
      : ['allow_anonymous false', `password_file ${passwords}`]),
    ...(tls === undefined ? [] : [`cafile ${tls.ca}`, `certfile ${tls.cert}`, `keyfile ${tls.key}`]),
    ...(tls?.requireCertificate ? ['require_certificate true'] : []),
    ...lines,
    '',
  ].join('\n');
}

/**
 * For WebSockets a second listener, on a socket file, because Mosquitto 2.0.11 does not start with WebSockets alone; and
 * libwebsockets wants the name of an interface where Mosquitto itself takes an address.
 */
function listeners(port: number, socketFolder: string | undefined): string[] {
  if (socketFolder === undefined) return [`listener ${port} 127.0.0.1`];
  return [`listener 0 ${join(socketFolder, 'socket')}`, `listener ${port} lo`, 'protocol websockets'];
}

/** Whether something accepts connections there; a refusal is answered after a short while. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => setTimeout(end, 20, false));
  });
}
