/** Pipelines over workers that are there, whose models change and whose workers can be made to end. */
import assert from 'node:assert/strict';
import { InferenceCore } from '../../runtime/inference/core.js';
import {
  InferenceService,
  localWorker,
  Pipeline,
  type PipelineLoss,
  type PipelineOptions,
  type PipelineResult,
  type Prepared,
  type ShadowResult,
  type SpawnWorker,
} from '../../runtime/inference/index.js';
import type { WorkerEvents } from '../../runtime/inference/worker-port.js';
import { FakeClock } from './clock.js';
import { recordingLog } from './log.js';
import { settled } from './scripted-worker.js';
import { smallModelFile, smallNetwork, temporaryFolder } from './small-model.js';

export const folder = temporaryFolder();
export const event = { name: 'event' };
const versionOf = (version: string) =>
  smallModelFile(folder, smallNetwork(), (content) => ({ ...content, version })).then((path) => ({
    path,
    engine: event,
  }));
/** Two versions of a model. */
export const [one, two] = [await versionOf('1'), await versionOf('2')];

/** A pipeline that runs version one in windows of 40 us. */
export async function switchBench(change: Partial<PipelineOptions> = {}) {
  const clock = new FakeClock();
  const results: PipelineResult[] = [];
  const losses: PipelineLoss[] = [];
  const shadows: ShadowResult[] = [];
  const workers: WorkerEvents[] = [];
  let refuses: string | undefined;
  const spawn: SpawnWorker = (events) => {
    workers.push(events);
    const port = localWorker(new InferenceCore(clock))(events);
    return {
      terminate: () => port.terminate(),
      post: (request, transfer) => {
        if (refuses === undefined || request.kind !== 'load') port.post(request, transfer);
        else events.onReply({ ticket: request.ticket, ok: false, reason: refuses });
      },
    };
  };
  const service = new InferenceService({ clock, spawn, log: recordingLog().log });
  service.start();
  const pipeline = new Pipeline(
    {
      ...{ name: 'grip', sensors: ['finger'], model: one, queueLimit: 100, everyBins: 0 },
      policy: { kind: 'sliding', hopUs: 40, emitEmpty: true },
      onResult: (result) => results.push(result),
      onLoss: (loss) => losses.push(loss),
      onShadow: (result) => shadows.push(result),
      ...change,
    },
    service,
    clock,
  );
  await pipeline.start();
  const prepare = async (): Promise<Prepared> => {
    const outcome = await pipeline.prepare(two, 1000);
    assert.ok(outcome.ok, JSON.stringify(outcome));
    return outcome.prepared;
  };
  /** Which version answered which window, `window.step:version`. */
  const answers = (): string[] =>
    results.map(
      ({ window, bin, final, model }) => `${window.index}${final ? '' : `.${bin}`}:${model.version}`,
    );
  const rest = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await settled();
  };
  /** The i-th worker that was started ends, and the one after it cannot load its models. */
  const fail = async (i: number, reason: string): Promise<void> => {
    refuses = reason;
    workers[i]!.onExit('killed');
    clock.advance(100);
    await rest();
    refuses = undefined;
  };
  return {
    ...{ clock, service, pipeline, results, losses, shadows, prepare, answers, rest, fail },
    workers: () => workers.length,
  };
}
