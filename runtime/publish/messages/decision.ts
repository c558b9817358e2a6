import { z } from 'zod';
import { type Body, message } from './envelope.js';
import { eventTime, flags, id, label, latency, modelName, sensors, top } from './fields.js';
import type { ResultBody } from './result.js';

const fields = {
  id: z.string().min(1).max(64).describe('Unique within session and pipeline: window-step'),
  pipeline: id.describe('Pipeline that decided'),
  sensors,
  window: z.int().min(0).describe('Number of the window, counted by the pipeline'),
  ...top,
  prev_label: label.nullable().describe('Label of the decision before; null for the first one of a session'),
  reason: z
    .enum(['threshold', 'window_end', 'timeout'])
    .describe(
      'threshold: confident before the end; window_end: at the end of the window; timeout: no more events',
    ),
  valid_ms: z.int().min(1).describe('How long after t.decision_us a controller may trust it'),
  t: eventTime,
  latency_us: latency,
  model: modelName,
  flags,
};

export const decisionSchema = message(
  'decision',
  'A committed or changed decision. QoS 1: may come twice, then with the same session and seq.',
  fields,
);

export const stateSchema = message(
  'state',
  'The last decision, retained for dashboards and late joiners. Not for control: it may be old.',
  fields,
);

export type Decision = z.infer<typeof decisionSchema>;
export type DecisionBody = Body<Decision>;
export type StateBody = Body<z.infer<typeof stateSchema>>;

export interface DecisionContext {
  readonly prevLabel: string | null;
  readonly reason: DecisionBody['reason'];
  readonly validMs: number;
}

/** The decision that a result leads to. The body of `state` is the same. */
export function decisionBody(
  result: ResultBody,
  { prevLabel, reason, validMs }: DecisionContext,
): DecisionBody {
  const { pipeline, sensors, window, step, confidence, margin, t, latency_us, model } = result;
  return {
    id: `${window}-${step}`,
    pipeline,
    sensors,
    window,
    label: result.label,
    label_id: result.label_id,
    confidence,
    margin,
    prev_label: prevLabel,
    reason,
    valid_ms: validMs,
    t,
    latency_us,
    model,
    ...(result.flags === undefined ? {} : { flags: result.flags }),
  };
}
