/** From the options of `whorl train` to a network spec. */
import { type Geometry, locationOrder, planePositions } from '../../devices/index.js';
import {
  type Dataset,
  delaunay,
  type Edge,
  hybridLifSpec,
  minimumSpanningTree,
  type NetworkSpec,
  nearestNeighbours,
  type Position,
  withinRadius,
} from '../../models/index.js';
import { CliError, exitCodes } from './exit.js';
import type { TrainOptions } from './train.js';

/** The hybrid LIF network for this data. Throws `CliError` when geometry and data do not fit each other. */
export function buildSpec(options: TrainOptions, geometry: Geometry, data: Dataset): NetworkSpec {
  const { taxels, channels, bins, binUs } = data.input;
  if (geometry.taxels.length !== taxels) {
    throw new CliError(
      `geometry ${geometry.id} has ${geometry.taxels.length} taxels, the data has ${taxels}: name another with --geometry`,
      exitCodes.usage,
    );
  }
  const order = locationOrder(geometry, options.order);
  const spec = hybridLifSpec({
    name: options.name,
    labels: data.labels,
    taxels,
    fingers: channels / 2,
    bins,
    binUs,
    taxelEdges: taxelGraph(options.graph, planePositions(geometry)),
    temporalGraph: options.temporal,
    convChannels: options.conv,
    hops: options.hops,
    hidden: options.hidden,
    branches: options.branches,
    locationOrder: order,
  });
  return { ...spec, decision: { fusion: 'mean', temperature: options.temperature } };
}

function taxelGraph(graph: string, positions: readonly Position[]): Edge[] {
  const [kind, text = ''] = graph.split(':');
  const value = Number(text);
  if (graph === 'mst') return minimumSpanningTree(positions);
  if (graph === 'delaunay') return delaunay(positions);
  if (kind === 'knn' && Number.isInteger(value) && value > 0) return nearestNeighbours(positions, value);
  if (kind === 'radius' && value > 0) return withinRadius(positions, value);
  throw new CliError(`--graph ${graph}: must be mst, delaunay, knn:<k> or radius:<mm>`, exitCodes.usage);
}

/** `40:0.1,80:0.1` -> { 40: 0.1, 80: 0.1 }. Throws `CliError`. */
export function schedule(text: string): Record<number, number> {
  const steps = text
    .split(',')
    .filter((step) => step !== '')
    .map((step) => step.split(':').map(Number));
  const bad = steps.some(
    ([epoch, factor, more]) => more !== undefined || !Number.isInteger(epoch) || !(factor! > 0),
  );
  if (bad)
    throw new CliError(`--schedule ${text}: must look like 40:0.1,80:0.1 (epoch:factor)`, exitCodes.usage);
  return Object.fromEntries(steps);
}
