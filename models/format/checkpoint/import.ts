/** From a checkpoint of the published code to a network of ours. */
import { createHash } from 'node:crypto';
import type { Network } from '../../engine/engine.js';
import { NetworkError } from '../../network/errors.js';
import { checkSpec, checkWeights } from '../../network/shapes.js';
import { readFileAs } from '../read-file.js';
import { defaultLimits, readSafetensors } from '../safetensors.js';
import type { CheckpointOptions, Layout } from './layout.js';
import { hybridLifGnn, tactileSgnet } from './lif.js';
import { isPickle, pickleAdvice } from './pickle.js';
import { hybridSrmFc } from './srm.js';
import { CheckpointTensors } from './tensors.js';

const layouts = {
  'hybrid-lif-gnn': hybridLifGnn,
  'hybrid-srm-fc': hybridSrmFc,
  tactilesgnet: tactileSgnet,
} as const satisfies Record<string, Layout>;

/** A published network whose checkpoints can be imported. */
export type CheckpointLayout = keyof typeof layouts;

export const checkpointLayouts = Object.keys(layouts) as readonly CheckpointLayout[];

export interface ImportedCheckpoint {
  readonly network: Network;
  /** Tensors of the file that nothing was read from: those that the published code keeps and never uses. */
  readonly unused: readonly string[];
}

/**
 * Reads a checkpoint of the published code, its `state_dict` as a safetensors file. The tensors may share the memory of
 * `bytes`.
 *
 * Throws `NetworkError` for a pickle, with what turns it into safetensors, and for a file that is damaged or not of this
 * layout: which tensors are missing or left over; which has a shape that does not fit, what was expected, and why.
 */
export function importCheckpoint(
  bytes: Uint8Array,
  layout: CheckpointLayout,
  options: CheckpointOptions,
): ImportedCheckpoint {
  if (isPickle(bytes)) throw new NetworkError(pickleAdvice);
  const tensors = new CheckpointTensors(readSafetensors(bytes).tensors);
  const faults = nameFaults(tensors, layout, options);
  if (faults.length > 0) {
    const others = checkpointLayouts.filter((other) => nameFaults(tensors, other, options).length === 0);
    const hint = others.length > 0 ? `; these are the tensors of ${others.join(' or ')}` : '';
    throw new NetworkError(`not a checkpoint of ${layout}: ${faults.join('; ')}${hint}`);
  }
  const network = layouts[layout].build(tensors, options);
  checkSpec(network.spec);
  checkWeights(network.spec, network.weights);
  return { network, unused: tensors.unused() };
}

/**
 * `importCheckpoint` from a file. Errors name the file; the digest (hexadecimal) is of the file as it is.
 * Rejects with the system's error when it cannot be read.
 */
export function importCheckpointFile(
  path: string,
  layout: CheckpointLayout,
  options: CheckpointOptions,
): Promise<ImportedCheckpoint & { readonly sha256: string }> {
  return readFileAs(path, defaultLimits.fileBytes, (bytes) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex'); // before the reader takes the bytes over
    return { ...importCheckpoint(bytes, layout, options), sha256 };
  });
}

function nameFaults(
  tensors: CheckpointTensors,
  layout: CheckpointLayout,
  options: CheckpointOptions,
): string[] {
  const { required, optional } = layouts[layout].names(tensors, options);
  return tensors.nameFaults(required, optional);
}
