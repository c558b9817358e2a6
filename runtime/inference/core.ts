import {
  BRANCHES,
  cellCount,
  decide,
  type Executor,
  engineByName,
  type InputSpec,
  type Model,
  type Outcome,
  readModelFile,
  type TaxelWindow,
  verifyModel,
} from '../../models/index.js';
import type { Clock } from '../clock.js';
import type { EngineChoice, Inference, LoadedModel, ModelSource, Spikes } from './protocol.js';
import { warmUp } from './warm-up.js';

/** A compiled model, shared by all handles that name the same file content and engine. */
interface Compiled {
  readonly key: string;
  readonly model: Model;
  readonly executor: Executor;
  readonly loaded: LoadedModel;
  users: number;
}

/**
 * What an inference worker does, without the thread: loads models, proves that they compute what they promise, warms
 * them up and classifies windows. A model that any step refuses is not kept.
 */
export class InferenceCore {
  private readonly byHandle = new Map<number, Compiled>();
  private readonly byContent = new Map<string, Compiled>();
  /** Loads run one after the other, so that the same content is compiled once. */
  private loading: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly clock: Pick<Clock, 'monoUs'>,
    private readonly readModel: (path: string) => Promise<Model> = (path) => readModelFile(path),
  ) {}

  /** Makes a model ready to serve under `handle`. Rejects, with the reason, a model that cannot. */
  load(handle: number, source: ModelSource): Promise<LoadedModel> {
    const turn = this.loading.then(() => this.loadNow(handle, source));
    this.loading = turn.catch(() => undefined);
    return turn;
  }

  /** Frees a handle; unknown ones are ignored. */
  unload(handle: number): void {
    const compiled = this.byHandle.get(handle);
    if (compiled === undefined) return;
    this.byHandle.delete(handle);
    if (--compiled.users > 0) return;
    this.byContent.delete(compiled.key);
    compiled.executor.dispose();
  }

  /** Classifies one window of ascending cell indices. Rejects for an unknown handle or cells that are no window. */
  async infer(handle: number, cells: Uint32Array): Promise<Inference> {
    const startUs = this.clock.monoUs();
    const { executor, model } = this.compiled(handle);
    const window = asWindow(model.spec.input, cells);
    const encodedUs = this.clock.monoUs();
    const [outcome] = await executor.run([window]);
    const inferredUs = this.clock.monoUs();
    if (outcome === undefined) throw new Error(`engine ${executor.engine} gave no outcome`);
    const decision = decide(model.spec, outcome);
    if (!Number.isFinite(decision.confidence))
      throw new Error(`the confidence of ${model.id} is not a number`);
    const { time, location } = outcome;
    return {
      decision,
      counts: { ...(time && { time: time.counts }), ...(location && { location: location.counts }) },
      spikes: countSpikes(outcome, cells.length),
      durations: {
        encodeUs: encodedUs - startUs,
        inferUs: inferredUs - encodedUs,
        postUs: this.clock.monoUs() - inferredUs,
      },
    };
  }

  private async loadNow(handle: number, source: ModelSource): Promise<LoadedModel> {
    if (this.byHandle.has(handle)) throw new Error(`handle ${handle} is in use`);
    const model = await this.readModel(source.path);
    const key = JSON.stringify([model.sha256, source.engine.name, source.engine.mode]);
    const compiled = this.byContent.get(key) ?? (await this.compile(key, model, source.engine));
    this.byContent.set(key, compiled);
    this.byHandle.set(handle, compiled);
    compiled.users++;
    return compiled.loaded;
  }

  private async compile(key: string, model: Model, engine: EngineChoice): Promise<Compiled> {
    const executor = await engineByName(engine.name).compile(model, engine.mode);
    try {
      const verification = await verifyModel(executor, model);
      if (!verification.ok) {
        throw new Error(
          `${model.id} failed its self-test on engine ${executor.engine}: ${verification.faults.join('; ')}`,
        );
      }
      const pace = await warmUp(executor, model.spec.input, this.clock);
      const { id, version, sha256, spec } = model;
      const loaded: LoadedModel = {
        id,
        version,
        sha256,
        engine: executor.engine,
        mode: executor.mode,
        labels: spec.labels,
        input: spec.input,
        verified: verification.windows,
        ...pace,
      };
      return { key, model, executor, loaded, users: 0 };
    } catch (error) {
      executor.dispose();
      throw error;
    }
  }

  private compiled(handle: number): Compiled {
    const compiled = this.byHandle.get(handle);
    if (compiled === undefined) throw new Error(`no model is loaded under handle ${handle}`);
    return compiled;
  }
}

/** Checks what came over the wire: engines take ascending cells inside the window for granted. */
function asWindow(input: InputSpec, cells: Uint32Array): TaxelWindow {
  for (let i = 1; i < cells.length; i++) {
    if (cells[i]! <= cells[i - 1]!)
      throw new RangeError(`cell ${i} of the window is not above the one before it`);
  }
  const last = cells.at(-1);
  if (last !== undefined && last >= cellCount(input)) {
    throw new RangeError(`cell ${last} lies outside a window of ${cellCount(input)} cells`);
  }
  return { cells };
}

function countSpikes(outcome: Outcome, input: number): Spikes {
  let hidden = 0;
  let output = 0;
  let synapticOps = 0;
  for (const name of BRANCHES) {
    const branch = outcome[name];
    if (branch === undefined) continue;
    const last = branch.layerSpikes.at(-1) ?? 0;
    hidden += branch.layerSpikes.reduce((sum, spikes) => sum + spikes, 0) - last;
    output += last;
    synapticOps += branch.synapticOps;
  }
  return { input, hidden, output, synapticOps };
}
