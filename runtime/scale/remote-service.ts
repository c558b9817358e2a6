import { readModelFile } from '../../models/index.js';
import { atMost } from '../at-most.js';
import type { ServiceParts } from '../daemon-options.js';
import type { DropReason, LoadOutcome, ModelSource, WindowJob, WindowService } from '../inference/index.js';
import { faultLog, type TellFault } from '../log/index.js';
import { type IncomingMessage, WorkLink, type WorkLinkOptions, WorkTopics } from '../publish/index.js';
import { type Correlation, writeCorrelation } from './correlation.js';
import { createRemoteCounters, type RemoteCounters } from './counters.js';
import { encodeWindow, MAX_ANSWER_BYTES, MAX_WINDOW_BYTES } from './messages.js';
import { RemoteLane } from './remote-lane.js';
import { RemoteModel, topicNameOf } from './remote-model.js';
import { type WindowEnd, WindowsOut } from './windows-out.js';
import { Workers } from './workers.js';

export interface RemoteServiceOptions
  extends ServiceParts,
    Pick<WorkLinkOptions, 'target' | 'reconnect' | 'random' | 'open'> {
  readonly edge: string;
  readonly baseTopic: string;
  /** See `WindowsOutOptions`. */
  readonly retryMs: number;
  readonly attempts: number;
  /** Windows of a pipeline that may be with workers at a time. */
  readonly inFlight: number;
}

/**
 * Answers windows by workers elsewhere, over a broker. A pipeline has several windows with them at a time, so that several
 * workers are busy, and its answers in the order of its windows all the same.
 */
export class RemoteService implements WindowService {
  readonly #topics: WorkTopics;
  readonly #link: WorkLink;
  readonly #out: WindowsOut;
  readonly #workers: Workers;
  readonly #totals: RemoteCounters = createRemoteCounters();
  readonly #models = new Map<number, RemoteModel>();
  readonly #lanes = new Set<RemoteLane>();
  #nextHandle = 1;
  #running = false;
  readonly #tellFault: TellFault;
  #faultsTold = '';
  /** What a worker said last that cannot be. */
  #nonsense = '';
  #onIdle: (() => void) | undefined;

  constructor(private readonly options: RemoteServiceOptions) {
    const { baseTopic, edge, session, clock, log, retryMs, attempts, inFlight } = options;
    this.#topics = new WorkTopics(baseTopic);
    this.#tellFault = faultLog(log, 'an answer was not dealt with');
    this.#workers = new Workers({
      ...{ clock, log, slowUs: (retryMs * 1000) / inFlight },
      onCame: (isNew) => {
        this.#out.sendAgain(({ sha256 }) => isNew(sha256));
        this.#changed();
      },
      onLeft: () => this.#left(),
    });
    this.#out = new WindowsOut({
      ...{ session, retryMs, attempts, clock, counters: this.#totals },
      isServed: (model) => this.#isServed(model),
      send: (model, payload, correlation) => this.#publish(model, payload, correlation),
      servedBy: ({ sha256 }, worker) => this.#workers.find(sha256, worker),
    });
    this.#link = new WorkLink({
      ...options,
      identity: { clientId: `whorl-${edge}-${session}-work`, maxPacketBytes: MAX_ANSWER_BYTES + 4096 },
      subscriptions: [
        { filter: this.#topics.answers(edge) },
        { filter: this.#topics.workers, retained: true },
      ],
      onUp: () => {
        this.#out.sendAgain(() => true);
        this.#changed();
      },
      onDown: () => {
        this.#workers.forget();
        this.#changed();
      },
      onMessage: (message) => this.#receive(message),
    });
  }

  get faults(): readonly string[] {
    if (!this.#running) return [];
    const { fault } = this.#link;
    if (fault !== undefined) return [`windows cannot be sent to workers: ${fault}`];
    const unserved = [...this.#models.values()].filter((model) => !this.#isServed(model));
    const lines = unserved.map(
      ({ id, topicName }) =>
        `no worker serves model ${id} (${topicName}); start one: whorl worker --broker ${this.options.target.url} --model FILE`,
    );
    return [...new Set(lines)];
  }

  get workersUp(): number {
    return this.#workers.size;
  }

  get counters(): readonly RemoteCounters[] {
    return [this.#totals];
  }

  start(): void {
    this.#running = true;
    this.#link.start();
  }

  async stop(graceMs = 1000): Promise<void> {
    const { clock } = this.options;
    this.#running = false;
    this.#workers.stop();
    if (!this.#isIdle) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      await atMost(clock, graceMs, idle);
    }
    for (const lane of this.#lanes) lane.drop('stopped');
    this.#out.loseAll('the runtime stops');
    await this.#link.stop(1000);
  }

  /** Reads the file for what the network is. Waits a moment for a worker that has it, and goes on without. */
  async load({ path, costs }: ModelSource): Promise<LoadOutcome> {
    let model: RemoteModel;
    try {
      model = new RemoteModel(await readModelFile(path), costs);
    } catch (error) {
      return { ok: false, reason: (error as Error).message };
    }
    const handle = this.#nextHandle++;
    this.#models.set(handle, model);
    if (this.#running) await this.#workers.first(model.sha256);
    model.served = this.#workers.find(model.sha256);
    this.#tellFaults();
    return { ok: true, handle, model };
  }

  /** As `load`, but a model that no worker has yet is refused: it would take over from one that answers. */
  async loadApart(source: ModelSource): Promise<LoadOutcome> {
    const loaded = await this.load(source);
    if (!loaded.ok || this.#isServed(this.#models.get(loaded.handle))) return loaded;
    const { id, sha256 } = loaded.model;
    await this.unload(loaded.handle);
    return {
      ok: false,
      reason: `no worker serves model ${id} (${topicNameOf(sha256)}) yet; start one with it first: whorl worker --broker ${this.options.target.url} --model FILE`,
    };
  }

  async unload(handle: number): Promise<void> {
    this.#models.delete(handle);
    this.#tellFaults();
  }

  /** Never: workers may always come. */
  failure(): undefined {
    return undefined;
  }

  open(limit: number, onChange: () => void, waits = false): RemoteLane {
    const lane = new RemoteLane({
      ...{ limit, waits, onChange, inFlight: this.options.inFlight },
      isServed: (handle) => this.#isServed(this.#models.get(handle)),
      infer: (handle, cells) => this.#infer(this.#models.get(handle), cells, waits),
      onServed: (handle, served) => {
        const model = this.#models.get(handle);
        if (model !== undefined) model.served = served;
      },
      onSettled: () => this.#checkIdle(),
      onFault: this.#tellFault,
    });
    this.#lanes.add(lane);
    return lane;
  }

  isBusy(lane: RemoteLane): boolean {
    return !lane.isIdle;
  }

  resize(lane: RemoteLane, limit: number): void {
    for (const job of lane.queue.resize(limit)) job.dropped('newer');
  }

  async close(lane: RemoteLane, reason: DropReason): Promise<void> {
    lane.drop(reason);
    await lane.drained();
    this.#lanes.delete(lane);
    this.#checkIdle();
  }

  abandon(lane: RemoteLane, handle: number): void {
    lane.abandon(handle);
    this.#checkIdle();
  }

  submit(lane: RemoteLane, job: WindowJob): void {
    if (!this.#running) job.dropped('stopped');
    else if (!this.#models.has(job.handle)) job.dropped('failed');
    else lane.submit(job);
  }

  /** Windows under way stay here: only whole ones travel. */
  offer(): void {}

  withdraw(): void {}

  get #isIdle(): boolean {
    return [...this.#lanes].every(({ isIdle }) => isIdle);
  }

  #checkIdle(): void {
    if (this.#isIdle) this.#onIdle?.();
  }

  #isServed(model: RemoteModel | undefined): boolean {
    return model !== undefined && this.#link.isUp && this.#workers.serves(model.sha256);
  }

  async #infer(model: RemoteModel | undefined, cells: Uint32Array, waits: boolean): Promise<WindowEnd> {
    if (model === undefined) return { ok: false, lost: false, reason: 'its model is loaded no more' };
    const payload = encodeWindow(cells);
    if (payload.length > MAX_WINDOW_BYTES) {
      const reason = `a window of ${payload.length} bytes is longer than ${MAX_WINDOW_BYTES}, the most that is sent`;
      return { ok: false, lost: false, reason };
    }
    return this.#out.send({ model, payload, waits, cells: cells.length });
  }

  #publish(model: RemoteModel, payload: Uint8Array, correlation: Correlation): void {
    const { edge, session, retryMs, attempts } = this.options;
    this.#link.publish({
      ...{
        topic: this.#topics.window({ edge, model: model.topicName }),
        payload,
        contentType: 'application/cbor',
      },
      ...{ qos: 1, retain: false, expiryS: Math.ceil((retryMs * attempts) / 1000) },
      responseTopic: this.#topics.answers(edge),
      correlation: writeCorrelation(correlation),
      properties: { session, seq: String(correlation.sequence) },
    });
  }

  #receive({ topic, payload, correlation }: IncomingMessage): void {
    const worker = this.#topics.workerOf(topic);
    try {
      if (worker === undefined) this.#out.answer(payload, correlation);
      else this.#workers.receive(worker, payload);
    } catch (error) {
      const reason = (error as Error).message;
      const level = reason === this.#nonsense ? 'debug' : 'warn';
      this.#nonsense = reason;
      this.options.log[level]({ topic, reason }, 'a worker says what cannot be');
    }
  }

  /** A worker has gone. What it had is sent to the others at once: brokers do not hand it on. */
  #left(): void {
    this.#totals.left++;
    this.#out.sendAgain((model) => this.#isServed(model));
    this.#changed();
  }

  /** Workers, or the way to them, have changed. */
  #changed(): void {
    for (const lane of this.#lanes) lane.pump();
    this.#tellFaults();
  }

  #tellFaults(): void {
    const faults = this.faults.join('\n');
    if (faults === this.#faultsTold) return;
    this.#faultsTold = faults;
    this.options.onFaults();
  }
}
