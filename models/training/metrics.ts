import { type Executor, synapticOps } from '../engine/engine.js';
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
}

/**
 * Classifies every window.
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
  let operations = 0;
  for (const [i, window] of data.windows.entries()) {
    const [outcome] = await executor.run([window]);
    const { labelId, confidence, rates: found } = decide(spec, outcome!);
    const target = data.targets[i]!;
    confusion[target]![labelId]! += 1;
    if (labelId === target) correct++;
    predicted.push(labelId);
    confidences.push(confidence);
    rates.push(found);
    operations += synapticOps(outcome!);
    onProgress(i + 1);
  }
  const total = data.windows.length;
  return {
    accuracy: correct / total,
    correct,
    total,
    confusion,
    predicted,
    confidences,
    rates,
    synapticOps: operations / total,
  };
}
