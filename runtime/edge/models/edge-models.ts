/** The models of an edge: what each pipeline begins with, and how they change while it runs. */
import type { Clock } from '../../clock.js';
import type { Config, PipelineConfig, Secrets } from '../../config/index.js';
import type {
  ModelSource,
  Pipeline,
  PipelineLoss,
  PipelineResult,
  PipelineState,
  Prepared,
  ShadowResult,
} from '../../inference/index.js';
import type { Logger } from '../../log/index.js';
import type { Publisher } from '../../publish/index.js';
import { Slot, StoreThread, type SwapEvent, Swapper, versionName } from '../../swap/index.js';
import type { Settings } from '../settings.js';
import { type FirstModel, modelOfFile, modelOfStore } from './first-model.js';
import { modelBody, type Roles, rolesOf } from './roles.js';
import { shadowBody } from './shadow-body.js';
import { type Staged, Staging } from './staging.js';

/** Of what is told of models, that to which somebody should look. */
const faults: readonly SwapEvent['kind'][] = [
  'swap-failed',
  'model-not-committed',
  'model-fallback',
  'shadow-lost',
];

export interface EdgeModelsOptions {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Pick<Publisher, 'publish'>;
}

export class EdgeModels {
  /** Absent: no store is configured. */
  readonly store: StoreThread | undefined;
  readonly swapper: Swapper | undefined;
  readonly staging: Staging | undefined;
  /** What each pipeline has begun with. */
  readonly #first = new Map<string, FirstModel>();
  /** What was published of each pipeline last. */
  readonly #roles = new Map<string, Roles>();

  constructor(private readonly options: EdgeModelsOptions) {
    const { settings, secrets, clock } = options;
    const { store, requireSignature, maxMb } = settings.config.models;
    if (store === undefined) return;
    const limits = { requireSignature, maxBytes: Math.floor(maxMb * 1e6) };
    this.store = new StoreThread({ folder: store, keys: secrets.modelKeys ?? [], ...limits }, clock);
    this.swapper = new Swapper({
      ...{ store: this.store, clock, rules: () => settings.config.models },
      onEvent: (event) => this.#event(event),
      onRoles: (slot) => this.publishRoles(slot.pipeline, rolesOf(slot)),
    });
    this.staging = new Staging({
      ...{ store: this.store, models: { ...settings.config.models, store }, httpsCa: secrets.httpsCa, clock },
      onIncoming: (file, outcome) => this.#incoming(file, outcome),
      onFault: (reason) => options.log.warn({ reason }, 'models.incoming cannot be read'),
    });
  }

  /** What a pipeline begins with. Never rejects: a store that cannot be used is a reason why there is no model. */
  async first(pipeline: string, config: PipelineConfig): Promise<FirstModel> {
    const first = await this.#find(pipeline, config);
    this.#first.set(pipeline, first);
    const { log } = this.options;
    for (const reason of first.remarks) log.warn({ pipeline, reason }, 'model of the store');
    if (first.note !== undefined) log.info({ pipeline, note: first.note }, 'model of the store');
    return first;
  }

  /**
   * A pipeline has been started: from now on its models can change. One whose active version could not be loaded begins
   * with the previous one.
   */
  async started(pipeline: Pipeline, source: (path: string) => ModelSource): Promise<void> {
    const { swapper } = this;
    if (swapper === undefined) return;
    const { name } = pipeline;
    const { active, previous, written } = this.#first.get(name) ?? {};
    const slot = new Slot({
      ...{ pipeline: name, target: pipeline, source, active, previous, written },
      nowUs: this.options.clock.nowUs(),
    });
    swapper.add(slot);
    if (pipeline.state !== 'failed' || previous === undefined) return;
    const { reason } = pipeline;
    await swapper.fallBack(name, reason).catch((error: Error) => {
      this.options.log.error(
        { pipeline: name, reason: error.message },
        'the version before cannot serve either',
      );
    });
  }

  answered(result: PipelineResult): void {
    this.swapper?.answered(result);
  }

  missed(loss: PipelineLoss): void {
    this.swapper?.missed(loss);
  }

  /** What a model on trial has answered. */
  shadow(result: ShadowResult): void {
    this.options.publisher.publish('shadow', shadowBody(result));
  }

  /** A model on trial is there no more. */
  shadowLost(pipeline: string, prepared: Prepared, reason: string): void {
    this.swapper?.shadowLost(pipeline, prepared, reason);
  }

  /** The state of a pipeline has changed. */
  state(pipeline: Pick<Pipeline, 'name' | 'model'>, state: PipelineState, reason: string): void {
    const { name, model } = pipeline;
    const slot = this.swapper?.slots.get(name);
    if (slot !== undefined) this.publishRoles(name, rolesOf(slot));
    else
      this.publishRoles(
        name,
        model === undefined ? {} : { active: { model, sinceUs: this.options.clock.nowUs() } },
      );
    if (state === 'failed') this.swapper?.failed(name, reason);
  }

  /** Publishes which models a pipeline has. */
  publishRoles(pipeline: string, roles: Roles): void {
    this.#roles.set(pipeline, roles);
    const { minConfidence } = this.options.settings.pipeline(pipeline);
    this.options.publisher.publish('model', modelBody(pipeline, roles, minConfidence));
  }

  /** Publishes the models of each pipeline again of which the message says something else with another configuration. */
  settingsChanged({ pipelines }: Config, before: Config): void {
    for (const [name, roles] of this.#roles)
      if (pipelines[name]?.minConfidence !== before.pipelines[name]?.minConfidence)
        this.publishRoles(name, roles);
  }

  /** Everything has been started: files may come. */
  up(): void {
    this.staging?.start();
  }

  async stop(): Promise<void> {
    this.swapper?.stop();
    try {
      await this.staging?.stop();
    } finally {
      await this.store?.close();
    }
  }

  async #find(pipeline: string, config: PipelineConfig): Promise<FirstModel> {
    const { store } = this;
    if (store === undefined) return modelOfFile(config);
    try {
      await store.open();
      return await modelOfStore(store, pipeline, config);
    } catch (error) {
      const missing = `the model store cannot be used: ${(error as Error).message}`;
      return { model: { missing }, remarks: [] };
    }
  }

  /** A file appeared in the watched folder. */
  #incoming(file: string, outcome: Staged | Error): void {
    const { log, publisher } = this.options;
    if (outcome instanceof Error) {
      log.warn({ file, reason: outcome.message }, 'a model file was refused');
      publisher.publish('event', { kind: 'model-refused', message: `${file}: ${outcome.message}` });
      return;
    }
    log.info({ file, model: outcome.model }, 'a model file is in the store');
    publisher.publish('event', {
      kind: 'model-staged',
      message: `${file} is in the store as ${outcome.model}`,
      data: { ...outcome },
    });
  }

  #event({ kind, pipeline, message, active, previous }: SwapEvent): void {
    const { log, publisher } = this.options;
    const isFault = faults.includes(kind);
    const names = {
      active: active === null ? 'none' : versionName(active),
      previous: previous === null ? 'none' : versionName(previous),
    };
    log[isFault ? 'warn' : 'info']({ pipeline, ...names }, message);
    publisher.publish('event', { kind, pipeline, message, data: { active, previous } });
  }
}
