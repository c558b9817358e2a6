import type { ShadowResult } from '../../inference/index.js';
import type { Bodies } from '../../publish/index.js';
import { backendOf } from '../backend.js';
import { modelName } from '../model-name.js';

/** The message of a model on trial. */
export function shadowBody({ pipeline, window, model, decision }: ShadowResult): Bodies['shadow'] {
  const { label, labelId, confidence, margin, scores } = decision;
  const round = (score: number): number => Math.min(1, Math.max(0, Math.round(score * 1e4) / 1e4));
  return {
    ...{ pipeline, window: window.index, label, label_id: labelId },
    ...{ confidence: round(confidence), margin: round(margin) },
    scores: Object.fromEntries(model.labels.map((name, i) => [name, round(scores[i]!)])),
    model: {
      id: modelName(model.id),
      version: model.version,
      sha256: model.sha256.slice(0, 16),
      backend: backendOf(model),
    },
  };
}
