import { z } from 'zod';
import { type Body, message } from './envelope.js';
import {
  energy,
  eventTime,
  flags,
  id,
  latency,
  microjoules,
  modelName,
  sensors,
  top,
  unit,
  us,
} from './fields.js';

const count = z.int().min(0);

export const resultSchema = message(
  'result',
  'Every answer of a network, anytime answers within a window too. QoS 0, not retained, never queued: act on the first message with decided, and stop trusting it after its valid_ms.',
  {
    pipeline: id.describe('Pipeline that answered'),
    sensors,
    window: count.describe('Number of the window, counted by the pipeline'),
    final: z.boolean().describe('Whether the window is closed'),
    step: count.describe('Scan step after which this is the answer, from 1'),
    steps: count.describe('Scan steps of a whole window'),
    ...top,
    decided: z.boolean().describe('Whether the confidence is high enough to act on'),
    scores: z
      .record(z.string(), unit)
      .optional()
      .describe(
        'Score by class; those below a cut-off may be missing, the best one never; absent when compact',
      ),
    t: eventTime,
    age_us: us.describe(
      'How old it is when published: the time since the end of the window, or of the newest bin that it has seen, by the clock of the sensor mapped to that of the host; latency_us.total at least, and just that while the mapping is not known',
    ),
    valid_ms: z
      .int()
      .min(1)
      .describe('How long after t.decision_us a controller may trust it, if it is decided'),
    latency_us: latency,
    model: modelName,
    spikes: z
      .object({
        in: count.describe('Input events'),
        hidden: count.describe('Spikes of the hidden layers'),
        synops: count.describe('Synaptic operations'),
      })
      .optional()
      .describe('What it cost'),
    energy: z
      .object({
        synaptic_uj_est: energy.describe('Of synaptic operations alone, what papers count'),
        total_uj_est: energy.describe('Of synapses and neurons'),
      })
      .optional()
      .describe('Estimated energy of the arithmetic of the window, in uJ: operations times constants'),
    flags,
  },
);

export type Result = z.infer<typeof resultSchema>;
export type ResultBody = Body<Result>;

/** What a pipeline knows of an answer. Times and durations in microseconds. */
export interface Answer
  extends Pick<
    ResultBody,
    'pipeline' | 'sensors' | 'window' | 'final' | 'step' | 'steps' | 't' | 'valid_ms' | 'model'
  > {
  readonly labels: readonly string[];
  /** Score of each class, 0 to 1. */
  readonly scores: ArrayLike<number>;
  readonly decided: boolean;
  /** Since the end of what it is the answer to; NaN while that is not known. */
  readonly ageUs: number;
  readonly latencyUs: Omit<ResultBody['latency_us'], 'total'>;
  readonly spikes?: NonNullable<ResultBody['spikes']>;
  /** Estimates in picojoules. */
  readonly energy?: { readonly synapticPj: number; readonly totalPj: number };
  readonly flags?: readonly string[];
}

export interface ResultOptions {
  /** Classes below it are left out, the best one never. */
  readonly minScore: number;
  /** Leave the scores out altogether. */
  readonly compact: boolean;
}

/** The result message of an answer: best class, margin, rounded numbers, and latencies that add up. */
export function resultBody(answer: Answer, options: ResultOptions): ResultBody {
  const { pipeline, sensors, window, final, step, steps, decided, t, model } = answer;
  const best = rank(answer.labels, answer.scores);
  const latency_us = addUp(answer.latencyUs);
  return {
    pipeline,
    sensors,
    window,
    final,
    step,
    steps,
    ...best,
    decided,
    ...(options.compact ? {} : { scores: scoresByLabel(answer, best.label_id, options.minScore) }),
    t,
    age_us: Math.max(latency_us.total, whole(answer.ageUs)),
    valid_ms: answer.valid_ms,
    latency_us,
    model,
    ...(answer.spikes === undefined ? {} : { spikes: answer.spikes }),
    ...(answer.energy === undefined ? {} : { energy: inMicrojoules(answer.energy) }),
    ...(answer.flags === undefined || answer.flags.length === 0 ? {} : { flags: [...answer.flags] }),
  };
}

/** The best class (of equal ones the first) and its lead over the next; scores that are no numbers count as 0. */
export function rank(
  labels: readonly string[],
  scores: ArrayLike<number>,
): Pick<ResultBody, 'label' | 'label_id' | 'confidence' | 'margin'> {
  if (labels.length === 0) throw new RangeError('a model without labels has no answer');
  let best = 0;
  let second = 0;
  for (let i = 1; i < labels.length; i++) if (score(scores[i]) > score(scores[best])) best = i;
  for (let i = 0; i < labels.length; i++) if (i !== best) second = Math.max(second, score(scores[i]));
  const confidence = score(scores[best]);
  return {
    label: labels[best]!,
    label_id: best,
    confidence: round(confidence),
    margin: round(confidence - second),
  };
}

function scoresByLabel({ labels, scores }: Answer, best: number, minScore: number): Record<string, number> {
  const entries = labels.map((label, i) => [label, score(scores[i]), i] as const);
  const kept = entries.filter(([, value, i]) => i === best || value >= minScore);
  return Object.fromEntries(kept.map(([label, value]) => [label, round(value)]));
}

function inMicrojoules({ synapticPj, totalPj }: NonNullable<Answer['energy']>): ResultBody['energy'] {
  return { synaptic_uj_est: microjoules(synapticPj), total_uj_est: microjoules(totalPj) };
}

function addUp(parts: Answer['latencyUs']): ResultBody['latency_us'] {
  const { ingest, wait, encode, infer, post } = parts;
  const whole = [ingest, wait, encode, infer, post].map((part) => Math.max(0, Math.round(part)));
  return {
    ingest: whole[0]!,
    wait: whole[1]!,
    encode: whole[2]!,
    infer: whole[3]!,
    post: whole[4]!,
    total: whole.reduce((sum, part) => sum + part, 0),
  };
}

/** Whole microseconds; 0 for what is not known. */
function whole(us: number): number {
  return Number.isFinite(us) ? Math.max(0, Math.round(us)) : 0;
}

function score(value: number | undefined): number {
  return value !== undefined && value > 0 ? Math.min(value, 1) : 0;
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
