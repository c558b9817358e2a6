/**
 * Checkpoints in the layout of the published hybrid LIF graph network: tensors `spatial.*` (our time branch) and
 * `location.*`, the taxel graph in the metadata, everything else read off the shapes.
 */
import type { Network } from '../engine/engine.js';
import type { Edge } from '../graph/edges.js';
import { NetworkError } from '../network/errors.js';
import { hybridLifSpec } from '../network/hybrid.js';
import { checkSpec, checkWeights } from '../network/shapes.js';
import type { SafetensorsFile } from './safetensors.js';

/** Hops of the published graph convolutions. */
const publishedHops = 3;
/** Bin length of the recordings that the published object and container networks were trained on. */
const publishedBinUs = 20_000;

export function isReferenceFile({ tensors, metadata }: SafetensorsFile): boolean {
  return (
    tensors.has('spatial.conv.weight') &&
    metadata['spatialEdges'] !== undefined &&
    metadata['whorl.format'] === undefined
  );
}

/** Throws `NetworkError` when shapes and metadata do not describe such a network. */
export function importReference({ tensors, metadata }: SafetensorsFile, name: string): Network {
  const shape = (tensor: string): readonly number[] => {
    const found = tensors.get(tensor)?.shape;
    if (found?.length !== 2)
      throw new NetworkError(`checkpoint: tensor ${tensor} is missing or not a matrix`);
    return found;
  };
  const [convChannels, features] = shape('spatial.conv.weight') as [number, number];
  const [classes] = shape('spatial.fc3.weight') as [number];
  const taxels = shape('spatial.fc1.weight')[1]! / convChannels;
  const bins = tensors.has('location.fc1.weight')
    ? shape('location.fc1.weight')[1]! / convChannels
    : Number(metadata['bins']);
  if (!(Number.isInteger(taxels) && Number.isInteger(bins)))
    throw new NetworkError('checkpoint: fc1 does not fit the convolution');
  const spec = hybridLifSpec({
    name,
    labels: Array.from({ length: classes }, (_, label) => String(label)),
    taxels,
    fingers: features / (publishedHops + 1) / 2,
    bins,
    binUs: publishedBinUs,
    taxelEdges: parseEdges(metadata['spatialEdges']!),
    convChannels,
    hops: publishedHops,
    hidden: [shape('spatial.fc1.weight')[0]!, shape('spatial.fc2.weight')[0]!],
    branches: tensors.has('location.conv.weight') ? 'both' : 'time',
  });
  const weights = new Map(
    [...tensors].map(([tensor, value]) => [tensor.replace(/^spatial\./, 'time.'), value]),
  );
  checkSpec(spec);
  checkWeights(spec, weights);
  return { spec, weights };
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
