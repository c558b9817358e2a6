/**
 * A robot's side of whorl, to be copied: which touch may be acted on now. It needs the package `mqtt` and nothing else.
 *
 *   node safe-subscriber.js mqtt://127.0.0.1:1883 tactile/v1/demo contact
 */
import { connect, type MqttClient } from 'mqtt';

export interface Touch {
  readonly label: string;
  readonly confidence: number;
}

/** A message that took so much longer than the fastest one, waiting included, is too old to act on, in milliseconds. */
const mostLateMs = 250;

/**
 * Holds the last decision of one pipeline for as long as it may be trusted. Pure: messages and the time come in as
 * arguments; the time is any monotonic clock in milliseconds, such as `performance.now()`.
 */
export class TouchListener {
  /** What to subscribe to. `state` is not among them: it is retained, and may be of yesterday. */
  readonly topics: string[];
  #connected = false;
  #session = '';
  #edge = 'unknown';
  readonly #sensors = new Map<string, string>();
  #decision: { touch: Touch; sensors: string[]; seq: number; untilMs: number } | undefined;
  #fastestMs = Number.POSITIVE_INFINITY;
  #heardMs = Number.NEGATIVE_INFINITY;

  /**
   * @param root first part of the topics, e.g. `tactile/v1/grip-left`
   * @param silenceMs a pipeline of which nothing was heard for so long is not trusted; three times `health.heartbeatMs`
   */
  constructor(
    private readonly root: string,
    pipeline: string,
    private readonly silenceMs = 300,
  ) {
    this.topics = [
      `${root}/status`,
      `${root}/sensor/+/status`,
      `${root}/pipeline/${pipeline}/decision`,
      `${root}/pipeline/${pipeline}/result`,
      `${root}/pipeline/${pipeline}/heartbeat`,
    ];
  }

  /** The connection to the broker is up, or down: then nothing is known any more. */
  connected(isUp: boolean): void {
    this.#connected = isUp;
    this.#forget('');
  }

  /** Throws for what is no message of whorl. */
  receive(topic: string, text: string, retained: boolean, nowMs: number): void {
    const message = JSON.parse(text);
    const isOfOther = message.session !== this.#session;
    // The will of a process that died may come when the next one is up already.
    if (isOfOther && message.status === 'lost' && this.#edge !== 'unknown') return;
    if (isOfOther) this.#forget(message.session);
    const leaf = topic.slice(this.root.length + 1);
    if (leaf === 'status') this.#edge = message.status;
    else if (leaf.startsWith('sensor/')) this.#sensors.set(message.sensor, message.status);
    else if (retained) return;
    else {
      const lateMs = this.#lateness(message, nowMs);
      // What was on its way for long says nothing of now.
      if (lateMs <= mostLateMs) this.#heardMs = nowMs;
      if (leaf.endsWith('/decision')) this.#decide(message, nowMs, lateMs);
    }
  }

  /** The touch to act on now, or undefined: hold, slow down, or do whatever is safe without a sense of touch. */
  touch(nowMs: number): Touch | undefined {
    return this.blind(nowMs) === undefined ? this.#decision?.touch : undefined;
  }

  /** Why there is no touch to act on; undefined when there is one. */
  blind(nowMs: number): string | undefined {
    if (!this.#connected) return 'no broker';
    if (this.#edge !== 'ready' && this.#edge !== 'degraded') return `the edge is ${this.#edge}`;
    if (nowMs - this.#heardMs > this.silenceMs) return 'silence';
    const { sensors = [], untilMs = nowMs } = this.#decision ?? {};
    const gone = sensors.find((sensor) => this.#sensors.get(sensor) !== 'online');
    if (gone !== undefined) return `sensor ${gone} is ${this.#sensors.get(gone)}`;
    return nowMs < untilMs ? undefined : 'no decision';
  }

  /** How much longer than the fastest message this one took, in milliseconds. */
  #lateness({ t }: Decision, nowMs: number): number {
    const transitMs = nowMs - t.mono_us / 1000;
    this.#fastestMs = Math.min(this.#fastestMs, transitMs);
    return transitMs - this.#fastestMs;
  }

  #decide(message: Decision, nowMs: number, lateMs: number): void {
    const { label, confidence, seq, sensors, valid_ms, t } = message;
    // QoS 1 may bring it twice: it is no younger for that.
    if (this.#decision !== undefined && this.#decision.seq === seq) return;
    // It may have waited for the broker.
    const waitedMs = Math.max(0, (t.publish_us ?? 0) - (t.decision_us ?? 0)) / 1000;
    const oldMs = waitedMs + lateMs;
    const untilMs = oldMs > mostLateMs ? nowMs : nowMs + valid_ms - oldMs;
    this.#decision = { touch: { label, confidence }, sensors, seq, untilMs };
  }

  /** Another process speaks, with other clocks and numbers. */
  #forget(session: string): void {
    this.#session = session;
    this.#edge = 'unknown';
    this.#sensors.clear();
    this.#decision = undefined;
    this.#fastestMs = Number.POSITIVE_INFINITY;
    this.#heardMs = Number.NEGATIVE_INFINITY;
  }
}

interface Decision extends Touch {
  readonly seq: number;
  readonly sensors: string[];
  readonly valid_ms: number;
  readonly t: { readonly mono_us: number; readonly decision_us?: number; readonly publish_us?: number };
}

/** Keeps `listener` informed. */
export function listen(url: string, listener: TouchListener): MqttClient {
  const client = connect(url, { clean: true, reconnectPeriod: 200 });
  client.on('connect', () => {
    listener.connected(true);
    client.subscribe(listener.topics, { qos: 1 });
  });
  client.on('close', () => listener.connected(false));
  client.on('error', (error) => console.error(error.message));
  client.on('message', (topic, payload, { retain }) => {
    try {
      listener.receive(topic, payload.toString(), retain, performance.now());
    } catch (error) {
      console.error(`${topic}: ${(error as Error).message}`);
    }
  });
  return client;
}

/** The control loop of the example: looks every 10 ms and prints what changes. */
function main([
  url = 'mqtt://127.0.0.1:1883',
  root = 'tactile/v1/demo',
  pipeline = 'contact',
]: string[]): void {
  const listener = new TouchListener(root, pipeline);
  listen(url, listener);
  let before = '';
  setInterval(() => {
    const now = performance.now();
    const touch = listener.touch(now);
    const text =
      touch === undefined
        ? `no touch: ${listener.blind(now)}`
        : `${touch.label} ${Math.round(100 * touch.confidence)} %`;
    if (text !== before) console.log(text);
    before = text;
  }, 10);
}

if (process.argv[1] === import.meta.filename) main(process.argv.slice(2));
