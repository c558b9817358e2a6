/** A whole `whorl run` under steady windows, with a model store, watched from outside: by its sensor and at its broker. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Cleanup } from './cleanup.js';
import { whorl } from './paths.js';
import { freePort } from './ports.js';
import { SteadySensor } from './steady-sensor.js';

export const pipeline = 'grip';

export interface SteadyOptions {
  readonly folder: string;
  /** Model file to begin with. */
  readonly model: string;
  /** Windows a second. */
  readonly rate: number;
  /** Section `models` of the configuration, with a store. */
  readonly models: Readonly<Record<string, unknown>>;
}

export interface Response {
  readonly status: 'ok' | 'error';
  readonly data?: Record<string, unknown>;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A result, as the robot saw it. */
interface Seen {
  readonly window: number;
  readonly version: string;
  /** From the end of the window at the sensor to the result at the robot. */
  readonly latencyMs: number;
}

export class SteadyEdge {
  readonly seen: Seen[] = [];
  /** Messages whose number did not follow the one before. */
  gaps = 0;
  #seq = -1;
  #asked = 0;
  readonly #answers = new Map<string, (response: Response) => void>();
  readonly #topic = 'tactile/v1/drill';

  private constructor(
    readonly child: ChildProcess,
    private readonly sensor: SteadySensor,
    private readonly client: MqttClient,
  ) {
    client.on('message', (topic, payload) => this.#take(topic, payload));
  }

  static async start({ folder, model, rate, models }: SteadyOptions, cleanup: Cleanup): Promise<SteadyEdge> {
    const sensor = new SteadySensor(1000 / rate);
    cleanup.after(() => sensor.close());
    const [sensorPort, brokerPort] = [await sensor.listen(), await freePort()];
    const config = {
      ...{ configVersion: 2, edge: { id: 'drill' }, log: { level: 'warn', format: 'json' } },
      ...{ broker: { port: brokerPort }, models },
      sensors: {
        finger: { transport: { kind: 'tcp', host: '127.0.0.1', port: sensorPort }, geometry: 'neutouch-b' },
      },
      pipelines: {
        [pipeline]: {
          ...{ sensors: ['finger'], model, queueLimit: 64, validMs: 1000 },
          window: { kind: 'sliding', hopMs: 1000 / rate, emitEmpty: false },
        },
      },
    };
    const file = join(folder, 'whorl.json');
    writeFileSync(file, JSON.stringify(config));
    const child = spawn(process.execPath, [whorl, 'run', '--config', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, WHORL_CONFIG: '' },
    });
    cleanup.after(async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    });
    let log = '';
    child.stderr.on('data', (text) => {
      log = (log + String(text)).slice(-20_000);
    });
    const client = await connectPatiently(`mqtt://127.0.0.1:${brokerPort}`, child, () => log);
    cleanup.after(() => client.endAsync(true));
    const edge = new SteadyEdge(child, sensor, client);
    await client.subscribeAsync(['tactile/v1/drill/pipeline/+/result', 'tactile/v1/drill/resp/#']);
    return edge;
  }

  /** Resolves when so many windows more have been answered. */
  async windows(count: number): Promise<void> {
    const upTo = this.seen.length + count;
    while (this.seen.length < upTo) {
      if (this.child.exitCode !== null) throw new Error(`whorl ended with ${this.child.exitCode}`);
      await pause(5);
    }
  }

  /** Sends a command once; resolves to its answer. */
  async command(name: string, body: object): Promise<Response> {
    const transaction = String(this.#asked++);
    const answer = new Promise<Response>((resolve) => this.#answers.set(transaction, resolve));
    await this.client.publishAsync(`${this.#topic}/cmd/${name}`, JSON.stringify({ ...body, transaction }), {
      qos: 1,
    });
    return answer;
  }

  /** Resident memory of the process, in MB. */
  rssMb(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
  }

  /** Windows that are missing between the first and the last, and windows that came twice. */
  account(): { lost: number; duplicated: number; disordered: number } {
    const numbers = this.seen.map(({ window }) => window);
    const distinct = new Set(numbers);
    const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
    return {
      lost: last - first + 1 - distinct.size,
      duplicated: numbers.length - distinct.size,
      disordered: numbers.filter((number, i) => i > 0 && number < numbers[i - 1]!).length,
    };
  }

  #take(topic: string, payload: Buffer): void {
    const atMs = performance.now();
    const json = JSON.parse(payload.toString('utf8'));
    if (topic.includes('/resp/')) {
      this.#answers.get(json.transaction)?.(json);
      this.#answers.delete(json.transaction);
      return;
    }
    if (this.#seq >= 0 && json.seq !== this.#seq + 1) this.gaps++;
    this.#seq = json.seq;
    if (!json.final) return;
    const sentMs = this.sensor.sentMs[this.sensor.tickOf(json.t.sensor_last_us)]!;
    this.seen.push({ window: json.window, version: json.model.version, latencyMs: atMs - sentMs });
  }
}

/** The broker is there when whorl is. */
async function connectPatiently(url: string, child: ChildProcess, log: () => string): Promise<MqttClient> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`whorl ended with ${child.exitCode}:\n${log()}`);
    try {
      return await connectAsync(url, { reconnectPeriod: 0, connectTimeout: 1000 });
    } catch {
      await pause(50);
    }
  }
}
