import { type Ledger, ledger, meanActivity } from '../energy.js';
import { type Activity, type Executor, synapticOps } from '../engine/engine.js';
import { decide } from '../network/decision.js';
import type { Dataset } from './dataset.js';

export interface Evaluation {
  readonly accuracy: number;
  readonly correct: number;
  readonly total: number;
  /** confusion[target][predicted], windows. */
  readonly confusion: readonly (readonly number[])[];
  /** Predicted class of each window, in the order of the data. */
  readonly predicted: readonly number[];
  readonly confidences: readonly number[];
  /** Fused rates of each window. */
  readonly rates: readonly Float32Array[];
  /** Mean synaptic operations a window. */
  readonly synapticOps: number;
  /** Mean energy ledger of a window, at the costs of 45 nm. */
  readonly ledger: Ledger;
}

/**
 * Classifies every window. Throws RangeError when there is none.
 * @param onProgress called after each window with the number done
 */
export async function evaluate(
  executor: Executor,
  data: Dataset,
  onProgress: (done: number) => void = () => {},
): Promise<Evaluation> {
  const { spec } = executor;
  const confusion = data.labels.map(() => new Array<number>(spec.labels.length).fill(0));
  const predicted: number[] = [];
  const confidences: number[] = [];
  const rates: Float32Array[] = [];
  let correct = 0;
  const activities: Activity[] = [];
  for (const [i, window] of data.windows.entries()) {
    const [outcome] = await executor.run([window]);
    const { labelId, confidence, rates: found } = decide(spec, outcome!);
    const target = data.targets[i]!;
    confusion[target]![labelId]! += 1;
    if (labelId === target) correct++;
    predicted.push(labelId);
    confidences.push(confidence);
    rates.push(found);
    activities.push(outcome!);
    onProgress(i + 1);
  }
  const total = data.windows.length;
  const mean = meanActivity(activities);
  return {
    accuracy: correct / total,
    correct,
    total,
    confusion,
    predicted,
    confidences,
    rates,
    synapticOps: synapticOps(mean),
    ledger: ledger(spec, mean),
  };
}
