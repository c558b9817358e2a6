/** Processes that call themselves by one edge id, and what a witness at their broker hears of each. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { MqttSpy } from './mqtt-spy.js';
import { whorl } from './paths.js';

/** `whorl run` of an edge with one simulated finger; its log is JSON. */
export class Rival {
  private readonly child: ChildProcess;
  private readonly lines: string[] = [];
  private check = (): void => {};

  constructor(edge: string, broker: string) {
    const settings = [
      `edge.id=${edge}`,
      `mqtt.url=${broker}`,
      'log.format=json',
      'sensors.finger.transport.kind=simulator',
    ];
    const args = [whorl, 'run', ...settings.flatMap((setting) => ['--set', setting])];
    const env = { ...process.env, WHORL_CONFIG: '' };
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
    createInterface(this.child.stderr!).on('line', (line) => {
      this.lines.push(line);
      this.check();
    });
    this.child.once('exit', () => this.check());
  }

  /** Resolves to the session once it says that it is up. */
  async up(): Promise<string> {
    const line = await this.line(/"whorl is up"/);
    return /"session":"([0-9a-f]{8})"/.exec(line)![1]!;
  }

  /** The first line that fits. Rejects when it ends without one. */
  line(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      this.check = () => {
        const found = this.lines.find((line) => pattern.test(line));
        if (found !== undefined) resolve(found);
        else if (this.hasEnded) reject(new Error(`no line is like ${pattern}:\n${this.lines.join('\n')}`));
      };
      this.check();
    });
  }

  /** Resolves to its exit code. */
  async ended(): Promise<number | null> {
    if (!this.hasEnded) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

/**
 * Sessions that have spoken on topics of an edge, in order, each once a turn: `a, b` when b took over from a, `a, b, a`
 * when they mixed. The will of a process that is gone, and answers to questions, do not count.
 */
export function turns({ seen }: MqttSpy, edge: string): string[] {
  const spoken = seen.filter(
    ({ topic, json }) =>
      topic.startsWith(`tactile/v1/${edge}/`) &&
      !/\/(cmd|resp)\//.test(topic) &&
      typeof json['session'] === 'string' &&
      json['status'] !== 'lost',
  );
  return spoken
    .map(({ json }) => String(json['session']))
    .filter((session, i, all) => session !== all[i - 1]);
}
