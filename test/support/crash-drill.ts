/** An inference thread that crashes again and again while windows come at a steady pace. */
import { setTimeout as pause } from 'node:timers/promises';
import { type EventBatch, eventsFrom } from '../../devices/index.js';
import { modelPath } from '../../runtime/bundled.js';
import { systemClock } from '../../runtime/clock.js';
import {
  InferenceService,
  Pipeline,
  type PipelineLoss,
  type PipelineOptions,
  type PipelineResult,
} from '../../runtime/inference/index.js';
import { threadWorkerOf } from '../../runtime/inference/worker-port.js';
import { median } from '../bench/bench.js';
import { type Cleanup, withCleanup } from './cleanup.js';
import { crashCells } from './crash-cells.js';
import { type Figures, rounded } from './promises.js';

export interface CrashTerms {
  readonly crashes: number;
  /** From one window to the next. */
  readonly paceMs: number;
  /** A worker that does not answer for so long is ended. */
  readonly limitMs: number;
  readonly progress?: (line: string) => void;
}

type Manner = keyof typeof crashCells;
const manners = Object.keys(crashCells) as Manner[];
/** Answers between a crash and the next one. */
const calm = 3;
/** The demo model looks at a second of a finger. */
const windowUs = 1_000_000;
const touch = [0, 1, 2].map((i) => [10_000 + 300_000 * i, 7 * i, 1] as const);

/**
 * Two pipelines at one worker. The windows of `victim` crash it, by turns in each manner; `bystander` answers at every bin
 * and must lose nothing. Resolves to what became of all windows; `changed_answers` counts answers to the same touch that
 * were not those of before.
 */
export function crashDrill(terms: CrashTerms): Promise<Figures> {
  return withCleanup((cleanup) => drill(terms, cleanup));
}

async function drill(terms: CrashTerms, cleanup: Cleanup): Promise<Figures> {
  const { crashes, paceMs, limitMs, progress } = terms;
  const service = new InferenceService({
    clock: systemClock,
    limitsMs: { load: 120_000, unload: 10_000, infer: limitMs, step: limitMs },
    spawn: threadWorkerOf(new URL('./crashing-worker.js', import.meta.url)),
  });
  service.start();
  cleanup.after(() => service.stop());
  const victim = new Finger('victim', service, 0);
  const bystander = new Finger('bystander', service, 1);
  await Promise.all([victim.pipeline.start(), bystander.pipeline.start()]);
  let done = 0;
  while (done < crashes || victim.answersSince < calm || victim.waiting + bystander.waiting > 0) {
    if (victim.pipeline.state !== 'running') throw new Error(victim.pipeline.reason);
    const crash = done < crashes && victim.answersSince >= calm ? manners[done % manners.length] : undefined;
    victim.feel(crash);
    bystander.feel();
    if (crash !== undefined && ++done % 10 === 0) progress?.(`${done} of ${crashes} crashes`);
    await pause(paceMs);
  }
  const { counters } = victim.pipeline;
  return {
    crashes: service.counters[0]!.crashes,
    windows: counters.windows + bystander.pipeline.counters.windows,
    answered: counters.answered + bystander.pipeline.counters.answered,
    lost: counters.lost,
    lost_told: victim.losses.filter(({ cause, reason }) => cause === 'lost' && reason !== '').length,
    lost_otherwise: victim.losses.length - counters.lost + bystander.losses.length,
    most_lost_at_once: victim.mostLostAtOnce,
    changed_answers: victim.answers.size + bystander.answers.size - 2,
    worst_gap_ms: rounded(Math.max(...victim.gapsMs)),
    p50_gap_ms: rounded(median(victim.gapsMs)),
  };
}

/** A pipeline that is touched window after window, and what it says. */
class Finger {
  readonly pipeline: Pipeline;
  readonly losses: PipelineLoss[] = [];
  /** Different answers to the touch that is no crash. */
  readonly answers = new Set<string>();
  /** From the last answer before each crash to the first one after it. */
  readonly gapsMs: number[] = [];
  mostLostAtOnce = 0;
  /** Answers to windows after the last crash. */
  answersSince = 0;
  private lostAtOnce = 0;
  private lastMs = 0;
  private felt = 0;
  private crashedAt = -1;

  constructor(name: string, service: InferenceService, everyBins: number) {
    const options: PipelineOptions = {
      ...{ name, everyBins, sensors: ['finger'], queueLimit: 1024 },
      model: { path: modelPath('demo'), engine: { name: 'event' } },
      policy: { kind: 'sliding', hopUs: windowUs, emitEmpty: true },
      onResult: (result) => this.answered(result),
      onLoss: (loss) => this.lost(loss),
    };
    this.pipeline = new Pipeline(options, service, systemClock);
  }

  /** A whole window of touch, or one that brings the worker down. */
  feel(crash?: Manner): void {
    const fromUs = this.felt * windowUs;
    if (crash !== undefined) {
      this.crashedAt = this.felt;
      this.answersSince = this.lostAtOnce = 0;
    }
    this.felt++;
    this.pipeline.add(0, crash === undefined ? touchAt(fromUs) : cellAt(fromUs, crashCells[crash]));
    this.pipeline.advance(0, fromUs + windowUs);
  }

  get waiting(): number {
    const { windows, answered, dropped, lost, failed, cut } = this.pipeline.counters;
    return windows - answered - dropped - lost - failed - cut;
  }

  private answered({ window, final, counts }: PipelineResult): void {
    if (!final) return;
    this.answers.add(JSON.stringify(counts));
    const nowMs = performance.now();
    if (window.index > this.crashedAt && ++this.answersSince === 1 && this.crashedAt >= 0)
      this.gapsMs.push(nowMs - this.lastMs);
    this.lastMs = nowMs;
  }

  private lost(loss: PipelineLoss): void {
    this.losses.push(loss);
    this.mostLostAtOnce = Math.max(this.mostLostAtOnce, ++this.lostAtOnce);
  }
}

function touchAt(fromUs: number): EventBatch {
  return eventsFrom(touch.map(([tUs, taxel, polarity]) => [fromUs + tUs, taxel, polarity]));
}

/** One event, in the first bin: cells are numbered taxel by taxel, ON before OFF. */
function cellAt(fromUs: number, cell: number): EventBatch {
  return eventsFrom([[fromUs, cell >> 1, cell % 2 === 0 ? 1 : 0]]);
}
