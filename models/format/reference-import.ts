/**
 * Checkpoints in the layout of whorl's golden files: the published hybrid LIF graph network with tensors `spatial.*` (our
 * time branch) and `location.*`, the taxel graph in the metadata, everything else read off the shapes.
 */
import type { Network } from '../engine/engine.js';
import type { Edge } from '../graph/edges.js';
import { NetworkError } from '../network/errors.js';
import { hybridLifSpec } from '../network/hybrid.js';
import { checkSpec, checkWeights } from '../network/shapes.js';
import { publishedBinUs } from './checkpoint/layout.js';
import { lifWeights } from './checkpoint/lif.js';
import { type LifModules, lifSizes, moduleTensors, readLifBranch } from './checkpoint/lif-branch.js';
import { CheckpointTensors } from './checkpoint/tensors.js';
import type { SafetensorsFile } from './safetensors.js';

const timeModules = modulesOf('spatial');
const locationModules = modulesOf('location');

export function isReferenceFile({ tensors, metadata }: SafetensorsFile): boolean {
  return (
    tensors.has('spatial.conv.weight') &&
    metadata['spatialEdges'] !== undefined &&
    metadata['whorl.format'] === undefined
  );
}

/** Throws `NetworkError` when shapes and metadata do not describe such a network. */
export function importReference(file: SafetensorsFile, name: string): Network {
  const { metadata } = file;
  const tensors = new CheckpointTensors(file.tensors);
  const hasLocation = tensors.has('location.conv.weight');
  const used = hasLocation ? [timeModules, locationModules] : [timeModules];
  const faults = tensors.nameFaults(used.flatMap((modules) => moduleTensors(tensors, modules)));
  if (faults.length > 0) throw new NetworkError(`checkpoint: ${faults.join('; ')}`);
  const time = readLifBranch(tensors, timeModules, { noun: 'taxels' });
  const location = hasLocation ? readLifBranch(tensors, locationModules, { noun: 'bins' }, time) : undefined;
  const bins = location?.nodes ?? Number(metadata['bins']);
  if (!Number.isInteger(bins)) throw new NetworkError('checkpoint: metadata "bins" is not an integer');
  const spec = hybridLifSpec({
    name,
    labels: Array.from({ length: time.classes }, (_, label) => String(label)),
    taxels: time.nodes,
    bins,
    binUs: publishedBinUs(bins),
    taxelEdges: parseEdges(metadata['spatialEdges']!),
    ...lifSizes(time),
    branches: hasLocation ? 'both' : 'time',
  });
  const weights = lifWeights({ time, location });
  checkSpec(spec);
  checkWeights(spec, weights);
  return { spec, weights };
}

function modulesOf(branch: string): LifModules {
  return { conv: `${branch}.conv`, dense: [1, 2, 3].map((layer) => `${branch}.fc${layer}`) };
}

function parseEdges(json: string): Edge[] {
  const isEdge = (edge: unknown): edge is Edge =>
    Array.isArray(edge) && edge.length === 2 && edge.every(Number.isInteger);
  try {
    const edges: unknown = JSON.parse(json);
    if (Array.isArray(edges) && edges.every(isEdge)) return edges;
  } catch {
    // falls through to the one error below
  }
  throw new NetworkError('checkpoint: metadata "spatialEdges" is not a JSON list of [from, to] pairs');
}
