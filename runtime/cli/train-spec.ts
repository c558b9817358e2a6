/** From the options of `whorl train` to a network spec. */
import { InvalidArgumentError } from 'commander';
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
import type { TrainOptions } from './train-options.js';

/** The hybrid LIF network for this data. Throws `CliError` when geometry and data do not fit each other. */
export function buildSpec(options: TrainOptions, geometry: Geometry, data: Dataset): NetworkSpec {
  const { taxels, channels, bins, binUs } = data.input;
  if (geometry.taxels.length !== taxels) {
    throw new CliError(
      `geometry ${geometry.id} has ${geometry.taxels.length} taxels, the data has ${taxels}: name another with --geometry`,
      exitCodes.usage,
    );
  }
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
    locationOrder: orderOf(geometry, options.order),
  });
  return { ...spec, decision: { fusion: 'mean', temperature: options.temperature } };
}

/** The location order of that name. Throws `CliError` that lists those there are. */
export function orderOf(geometry: Geometry, name: string): readonly number[] {
  try {
    return locationOrder(geometry, name);
  } catch (error) {
    throw new CliError(`--order: ${(error as Error).message}`, exitCodes.usage);
  }
}

/** The graph that `--graph` names, over taxels at these positions (mm). Throws InvalidArgumentError for an unknown one. */
export function taxelGraph(graph: string, positions: readonly Position[]): Edge[] {
  const [kind, text = ''] = graph.split(/:(.*)/s);
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (graph === 'mst') return minimumSpanningTree(positions);
  if (graph === 'delaunay') return delaunay(positions);
  if (kind === 'knn' && Number.isInteger(value) && value > 0) return nearestNeighbours(positions, value);
  if (kind === 'radius' && value > 0) return withinRadius(positions, value);
  throw new InvalidArgumentError('must be mst, delaunay, knn:<k> or radius:<mm>.');
}

/** `40:0.1,80:0.1` -> { 40: 0.1, 80: 0.1 }. Throws InvalidArgumentError. */
export function schedule(text: string): Record<number, number> {
  const steps = text
    .split(',')
    .filter((step) => step !== '')
    .map((step) => /^(\d{1,6}):([\d.e+-]+)$/.exec(step));
  const pairs = steps.map((step) => [Number(step?.[1]), Number(step?.[2])] as const);
  if (pairs.some(([epoch, factor]) => !Number.isInteger(epoch) || !(factor > 0 && factor <= 1000)))
    throw new InvalidArgumentError('must look like 40:0.1,80:0.1 (epoch:factor).');
  return Object.fromEntries(pairs);
}
