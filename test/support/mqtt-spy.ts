import {
  connect,
  type IClientOptions,
  type IClientPublishOptions,
  type IPublishPacket,
  type MqttClient,
} from 'mqtt';
import { systemClock } from '../../runtime/clock.js';
import type { Cleanup } from './cleanup.js';

export interface Seen {
  readonly topic: string;
  readonly text: string;
  readonly json: Record<string, unknown>;
  readonly packet: IPublishPacket;
  /** When it came, wall clock. */
  readonly atUs: number;
}

/** An MQTT client that plays the robot: it keeps what it receives and lets tests wait for a message. */
export class MqttSpy {
  readonly seen: Seen[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(readonly client: MqttClient) {
    client.on('message', (topic, payload, packet) => {
      const text = payload.toString('utf8');
      this.seen.push({ topic, text, json: parse(text), packet, atUs: systemClock.nowUs() });
      for (const check of this.waiting) check();
    });
  }

  /** Connects and subscribes until the test ends; resolves when the broker has confirmed it. */
  static async connect(
    t: Cleanup,
    url: string,
    filter = '#',
    options: IClientOptions = {},
  ): Promise<MqttSpy> {
    const client = connect(url, { reconnectPeriod: 0, ...options });
    const spy = new MqttSpy(client);
    t.after(() => spy.end());
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', reject);
    });
    await client.subscribeAsync(filter, { qos: 1, rap: true });
    return spy;
  }

  /** The first message, seen already or within `ms`, that fits. */
  async next(fits: (message: Seen) => boolean, what = 'a message', ms = 10_000): Promise<Seen> {
    return await new Promise((resolve, reject) => {
      const check = (): void => {
        const found = this.seen.find(fits);
        if (found === undefined) return;
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.waiting.delete(check);
        const seen = this.seen
          .slice(-10)
          .map(({ topic, text }) => `${topic} ${text.slice(0, 120)}`)
          .join('\n');
        reject(new Error(`${what} did not come within ${ms} ms; the last to come:\n${seen}`));
      }, ms);
      this.waiting.add(check);
      check();
    });
  }

  /** The status message with this word. */
  async status(word: string): Promise<Seen> {
    return await this.next(
      ({ topic, json }) => /\/v1\/[^/]+\/status$/.test(topic) && json['status'] === word,
      word,
    );
  }

  forget(): void {
    this.seen.length = 0;
  }

  /** Publishes again and again until an answer comes: for requests to somebody who may not listen yet. */
  async ask(
    topic: string,
    payload: string,
    fits: (message: Seen) => boolean,
    options: IClientPublishOptions = {},
  ): Promise<Seen> {
    const ask = (): unknown => this.client.publish(topic, payload, { qos: 1, ...options });
    ask();
    const asking = setInterval(ask, 50);
    try {
      return await this.next(fits, `an answer to ${topic}`);
    } finally {
      clearInterval(asking);
    }
  }

  async end(): Promise<void> {
    await this.client.endAsync(true);
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
