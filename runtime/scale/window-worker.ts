import { cellCount, type InputSpec } from '../../models/index.js';
import { atMost } from '../at-most.js';
import type { Clock } from '../clock.js';
import type { LoadedModel, ModelSource, Outcome, WindowLane, WindowService } from '../inference/index.js';
import {
  type Ended,
  type IncomingMessage,
  WorkLink,
  type WorkLinkOptions,
  WorkTopics,
} from '../publish/index.js';
import { unpackCells } from './cells.js';
import { decodeWindow, encodeAnswer, encodePresence, encodeRefusal, MAX_WINDOW_BYTES } from './messages.js';
import { topicNameOf } from './remote-model.js';
import { hangUpsAfter, rivalry } from './rivals.js';

export interface WindowWorkerOptions
  extends Pick<WorkLinkOptions, 'target' | 'reconnect' | 'random' | 'log' | 'open'> {
  /** Name of this worker; unique at its broker. */
  readonly id: string;
  readonly baseTopic: string;
  /** Workers of one group share the windows. */
  readonly group: string;
  readonly models: readonly ModelSource[];
  /** What computes; the worker starts and stops it. */
  readonly service: WindowService;
  readonly clock: Clock;
  /** A model that was served cannot be served any more. */
  readonly onFailure: (reason: string) => void;
  /** Another worker seems to have the same name; told at every end of a connection that says so. */
  readonly onRival?: (reason: string) => void;
}

/** What a worker did. Only grows. */
export interface WorkerCounters {
  answered: number;
  /** Windows that were refused, with an answer that says why. */
  refused: number;
  /** Windows that got no answer: the gateway sends them again. */
  unanswered: number;
  /** Messages that are no windows for us, or ask for an answer where none may go. */
  ignored: number;
}

interface Served {
  readonly handle: number;
  readonly model: LoadedModel;
  readonly lane: WindowLane;
}

/** One window is computed, and the next is here already. */
const RECEIVE_MAXIMUM = 2;
/** An answer that came later than this would be to a window that is lost. */
const ANSWER_EXPIRY_S = 60;
const MAX_CORRELATION_BYTES = 64;
const SHORTEST_KEEPALIVE_S = 2;

/**
 * Takes windows off a shared subscription, one at a time, classifies them and answers. A window is acknowledged when its
 * answer has been written to the same connection, so a broker that has the one has the other.
 */
export class WindowWorker {
  readonly counters: WorkerCounters = { answered: 0, refused: 0, unanswered: 0, ignored: 0 };
  readonly #topics: WorkTopics;
  readonly #served = new Map<string, Served>();
  #link: WorkLink | undefined;
  #hangUps = 0;

  constructor(private readonly options: WindowWorkerOptions) {
    this.#topics = new WorkTopics(options.baseTopic);
  }

  /** The models, once they are loaded. */
  get models(): readonly LoadedModel[] {
    return [...this.#served.values()].map(({ model }) => model);
  }

  /** Loads the models and begins to connect. Rejects with the reason when one of them cannot be served. */
  async start(): Promise<void> {
    const { service, models, log } = this.options;
    service.start();
    for (const source of models) {
      const loaded = await service.load(source);
      if (!loaded.ok) throw new Error(`${source.path}: ${loaded.reason}`);
      const { handle, model } = loaded;
      const name = topicNameOf(model.sha256);
      if (this.#served.has(name))
        log.warn({ model: model.id }, 'the same model a second time; once is enough');
      else
        this.#served.set(name, {
          handle,
          model,
          lane: service.open(RECEIVE_MAXIMUM, () => this.#check(handle)),
        });
      const { id, engine, mode, medianUs } = model;
      log.info({ model: id, sha256: name, engine, mode, medianUs }, 'a model is ready');
    }
    this.#connect();
  }

  /** Takes no more windows, answers those that are here, says goodbye. Takes `timeoutMs` at most. */
  async stop(timeoutMs = 3000): Promise<void> {
    const { clock, service, log } = this.options;
    await atMost(clock, timeoutMs, this.#sayGoodbye());
    await this.#link?.stop(1000);
    await service.stop(0);
    log.info({ ...this.counters }, 'stopped');
  }

  #connect(): void {
    const { id, group, target } = this.options;
    this.#link = new WorkLink({
      ...this.options,
      target: { ...target, keepaliveS: keepaliveOf(this.models, target.keepaliveS) },
      identity: {
        clientId: `whorl-worker-${id}`,
        // An empty retained message takes back what was said.
        will: { topic: this.#topics.worker(id), payload: '' },
        maxPacketBytes: MAX_WINDOW_BYTES + 4096,
        receiveMaximum: RECEIVE_MAXIMUM,
      },
      subscriptions: [...this.#served.keys()].map((name) => ({
        filter: this.#topics.sharedWindows(group, name),
      })),
      onUp: () => {
        void this.#announce(encodePresence(this.models));
        this.options.log.info({ worker: id, models: [...this.#served.keys()] }, 'ready for windows');
      },
      onDown: () => {},
      onEnded: (how) => this.#ended(how),
      onMessage: (message) => this.#receive(message),
    });
    this.#link.start();
  }

  #ended(how: Ended): void {
    this.#hangUps = hangUpsAfter(this.#hangUps, how);
    const reason = rivalry(how, this.#hangUps);
    if (reason !== undefined) this.options.onRival?.(reason);
  }

  async #sayGoodbye(): Promise<void> {
    await this.#link?.unsubscribe();
    await this.#announce('');
  }

  /** Says what we have, or with an empty payload that we go; resolves when the broker has it, or there is none. */
  #announce(payload: string): Promise<void> {
    const { id, log } = this.options;
    return new Promise((resolve) => {
      const topic = this.#topics.worker(id);
      const message = { topic, payload, qos: 1, retain: true } as const;
      const isSent = this.#link?.publish(message, (error) => {
        if (error !== undefined)
          log.error({ err: error, topic }, 'the broker refuses to tell others of this worker');
        resolve();
      });
      if (!isSent) resolve();
    });
  }

  /** The answer goes to the edge in whose tree the window is, and nowhere else. */
  async #receive({ topic, payload, responseTopic, correlation }: IncomingMessage): Promise<void> {
    const address = this.#topics.addressOf(topic);
    const served = this.#served.get(address?.model ?? '');
    const isOurs =
      served !== undefined && correlation !== undefined && correlation.length <= MAX_CORRELATION_BYTES;
    if (!isOurs || address === undefined || responseTopic !== this.#topics.answers(address.edge)) {
      this.counters.ignored++;
      this.options.log.debug({ topic, responseTopic }, 'a message that is no window for this worker');
      return;
    }
    const answer = await this.#answer(served, payload);
    const isSent =
      answer !== undefined &&
      this.#link?.publish({
        ...{ topic: responseTopic, payload: answer.payload, contentType: 'application/cbor' },
        ...{ qos: 1, retain: false, expiryS: ANSWER_EXPIRY_S, correlation },
      });
    this.counters[isSent ? answer.counter : 'unanswered']++;
  }

  /** The answer to a window; undefined when nobody knows it, so that it is sent again. */
  async #answer(
    served: Served,
    payload: Uint8Array,
  ): Promise<{ readonly payload: Uint8Array; readonly counter: 'answered' | 'refused' } | undefined> {
    const { id } = this.options;
    const outcome = await this.#classify(served, payload);
    if (outcome.ok) return { payload: encodeAnswer(id, outcome.value), counter: 'answered' };
    this.options.log.warn(
      { model: served.model.id, reason: outcome.reason },
      'a window could not be classified',
    );
    return outcome.lost ? undefined : { payload: encodeRefusal(id, outcome.reason), counter: 'refused' };
  }

  async #classify(served: Served, payload: Uint8Array): Promise<Outcome<'infer'>> {
    let cells: Uint32Array<ArrayBuffer>;
    try {
      cells = cellsOf(payload, served.model.input);
    } catch (error) {
      return { ok: false, lost: false, reason: (error as Error).message };
    }
    const { handle, lane } = served;
    return new Promise((resolve) => {
      this.options.service.submit(lane, {
        handle,
        run: async (worker) => {
          const outcome = await worker.infer(handle, cells);
          return () => resolve(outcome);
        },
        dropped: (reason) => resolve({ ok: false, lost: true, reason }),
      });
    });
  }

  #check(handle: number): void {
    const reason = this.options.service.failure(handle);
    if (reason !== undefined) this.options.onFailure(reason);
  }
}

/**
 * A worker that halts keeps its share of the windows until the broker gives it up, after 1.5 times this, so it is short.
 * But while a window is computed no packet is taken, not even the answer to a ping, so it is longer than windows take.
 */
function keepaliveOf(models: readonly LoadedModel[], longestS: number): number {
  const slowestUs = Math.max(...models.map(({ longestUs }) => longestUs));
  return Math.min(longestS, Math.max(SHORTEST_KEEPALIVE_S, Math.ceil((slowestUs * 10) / 1e6)));
}

function cellsOf(payload: Uint8Array, input: InputSpec): Uint32Array<ArrayBuffer> {
  return unpackCells(decodeWindow(payload), cellCount(input));
}
