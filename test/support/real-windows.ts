import {
  type Dataset,
  type Model,
  readModelFile,
  readRecordings,
  type TaxelWindow,
} from '../../models/index.js';
import { needsFiles, shared } from './paths.js';

/** The full hybrid network and the recordings that it was trained on: what the benches measure. */
export interface RealWindows {
  readonly model: Model;
  readonly data: Dataset;
  /** `count` windows, evenly spread over the recordings. */
  pick(count: number): TaxelWindow[];
}

/** Throws, saying what is missing, where the shared material is not beside the checkout. */
export async function realWindows(): Promise<RealWindows> {
  const files = [
    shared('golden', 'ev-objects-hybrid.safetensors'),
    shared('data', 'Ev-Objects-train.zip'),
  ] as const;
  const missing = needsFiles(...files);
  if (missing) throw new Error(`this bench ${missing}`);
  const model = await readModelFile(files[0]);
  const data = await readRecordings(files[1]);
  return {
    model,
    data,
    pick: (count) =>
      Array.from({ length: count }, (_, i) => data.windows[Math.floor((i * data.windows.length) / count)]!),
  };
}
