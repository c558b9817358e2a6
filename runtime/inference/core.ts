import {
  type Answer,
  cellCount,
  decide,
  type EnergyCosts,
  type Executor,
  engineByName,
  equalShapeCost,
  horowitz45nm,
  type InputSpec,
  ledger,
  type Model,
  type NetworkSpec,
  type Outcome,
  parameterCount,
  readModelFile,
  STACKS,
  synapticOps,
  type TaxelWindow,
  verifyModel,
} from '../../models/index.js';
import type { Clock } from '../clock.js';
import { chooseEngine, type EngineTable } from './engine-choice.js';
import type { EngineChoice, Inference, LoadedModel, ModelSource, Spikes, Step } from './protocol.js';
import { Streams } from './streams.js';
import { warmUp, warmUpStream } from './warm-up.js';

/** A compiled model, shared by all handles that name the same file content, engine and costs. */
interface Compiled {
  readonly key: string;
  readonly spec: NetworkSpec;
  readonly costs: EnergyCosts;
  readonly executor: Executor;
  readonly streams: Streams;
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
    compiled.streams.free(handle);
    if (--compiled.users > 0) return;
    this.byContent.delete(compiled.key);
    void compiled.executor.dispose();
  }

  /** Classifies one window of ascending cell indices. Rejects for an unknown handle or cells that are no window. */
  async infer(handle: number, cells: Uint32Array): Promise<Inference> {
    const startUs = this.clock.monoUs();
    const { executor, spec, costs } = this.compiled(handle);
    const window = asWindow(spec.input, cells);
    const encodedUs = this.clock.monoUs();
    const [outcome] = await executor.run([window]);
    const inferredUs = this.clock.monoUs();
    if (outcome === undefined) throw new Error(`engine ${executor.engine} gave no outcome`);
    const answer = this.answer(spec, outcome);
    const spikes = countSpikes(spec, outcome, cells.length, costs);
    const postUs = this.clock.monoUs() - inferredUs;
    return {
      ...answer,
      spikes,
      durations: { encodeUs: encodedUs - startUs, inferUs: inferredUs - encodedUs, postUs },
    };
  }

  /**
   * Takes the next bins of a window and answers for "this window so far, zeros after". Rejects for an unknown handle, an
   * engine without streams, cells that are not those of the bins, or a stream that does not stand where `from` says.
   */
  async step(step: Step): Promise<Inference> {
    const startUs = this.clock.monoUs();
    const { spec, streams } = this.compiled(step.handle);
    const outcome = streams.step(step);
    const progress = step.to / spec.input.bins;
    const inferredUs = this.clock.monoUs();
    const answer = this.answer(spec, outcome, progress);
    const postUs = this.clock.monoUs() - inferredUs;
    return { ...answer, durations: { encodeUs: 0, inferUs: inferredUs - startUs, postUs } };
  }

  private answer(spec: NetworkSpec, outcome: Answer, progress = 1): Pick<Inference, 'decision' | 'counts'> {
    const decision = decide(spec, outcome, progress);
    if (!Number.isFinite(decision.confidence))
      throw new Error(`the confidence of ${spec.name} is not a number`);
    // Copies: the arrays of a stream are written again by its next bin.
    const stacks = STACKS.filter((stack) => outcome[stack] !== undefined);
    const counts = Object.fromEntries(stacks.map((stack) => [stack, outcome[stack]!.counts.slice()]));
    return { decision, counts };
  }

  private async loadNow(handle: number, source: ModelSource): Promise<LoadedModel> {
    if (this.byHandle.has(handle)) throw new Error(`handle ${handle} is in use`);
    const model = await this.readModel(source.path);
    const { engine, costs = horowitz45nm } = source;
    const key = JSON.stringify([model.sha256, engine.name, engine.mode, costs]);
    const compiled = this.byContent.get(key) ?? (await this.compile(key, model, engine, costs));
    this.byContent.set(key, compiled);
    this.byHandle.set(handle, compiled);
    compiled.users++;
    return compiled.loaded;
  }

  private async compile(
    key: string,
    model: Model,
    engine: EngineChoice,
    costs: EnergyCosts,
  ): Promise<Compiled> {
    const choice = engine.name === 'auto' ? await this.choose(model) : undefined;
    const [best] = choice?.table ?? [];
    const executor = await engineByName(best?.engine ?? engine.name).compile(
      model,
      best?.mode ?? engine.mode,
    );
    try {
      const verification = await verifyModel(executor, model);
      if (!verification.ok) {
        throw new Error(
          `${model.id} failed its self-test on engine ${executor.engine}: ${verification.faults.join('; ')}`,
        );
      }
      const streams = new Streams(executor, model.spec.input);
      const pace = await this.warmUp(executor, streams, model.spec.input);
      const { id, version, sha256, spec } = model;
      const { multiplyAccumulates, energyPj } = equalShapeCost(spec, costs);
      const loaded: LoadedModel = {
        id,
        version,
        sha256,
        engine: executor.engine,
        mode: executor.mode,
        ...(choice === undefined ? {} : { choice }),
        labels: spec.labels,
        input: spec.input,
        parameters: parameterCount(spec),
        equalShape: { multiplyAccumulates, energyPj },
        ...(spec.decision.stopping === undefined ? {} : { stopping: spec.decision.stopping }),
        verified: verification.windows,
        ...pace,
      };
      return { key, spec, costs, executor, streams, loaded, users: 0 };
    } catch (error) {
      void executor.dispose();
      throw error;
    }
  }

  private async warmUp(
    executor: Executor,
    streams: Streams,
    input: InputSpec,
  ): Promise<Pick<LoadedModel, 'medianUs' | 'longestUs' | 'streamBinUs'>> {
    const pace = await warmUp(executor, input, this.clock);
    const stream = executor.stream?.();
    if (stream === undefined) return pace;
    const streamPace = await warmUpStream(executor, stream, input, this.clock);
    streams.keep(stream);
    return { ...pace, ...streamPace };
  }

  /** Measures the engines for `engine: auto`. */
  private choose(model: Model): Promise<EngineTable> {
    return chooseEngine(model, { nowMs: () => this.clock.monoUs() / 1000 });
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

function countSpikes(spec: NetworkSpec, outcome: Outcome, input: number, costs: EnergyCosts): Spikes {
  let hidden = 0;
  let output = 0;
  for (const { layerSpikes } of Object.values(outcome)) {
    const last = layerSpikes.at(-1) ?? 0;
    hidden += layerSpikes.reduce((sum, spikes) => sum + spikes, 0) - last;
    output += last;
  }
  const { synapticPj, totalPj } = ledger(spec, outcome, costs).sums;
  return { input, hidden, output, synapticOps: synapticOps(outcome), energy: { synapticPj, totalPj } };
}
