/** From the options of `whorl train` to a network spec. */
import { InvalidArgumentError } from 'commander';
import { type Geometry, planePositions } from '../../devices/index.js';
import {
  type Dataset,
  delaunay,
  type Edge,
  minimumSpanningTree,
  type NetworkSpec,
  nearestNeighbours,
  type Position,
  publishedSpec,
  withinRadius,
} from '../../models/index.js';
import { CliError, exitCodes } from './exit.js';
import type { TrainSettings } from './train-settings.js';

/**
 * The network for this data.
 * @param order in which the location branch visits the taxels; without effect where there is none
 * Throws `CliError` when geometry and data do not fit each other.
 */
export function buildSpec(
  settings: TrainSettings,
  geometry: Geometry,
  data: Dataset,
  order: readonly number[],
): NetworkSpec {
  const { taxels, channels, bins, binUs } = data.input;
  if (geometry.taxels.length !== taxels) {
    throw new CliError(
      `geometry ${geometry.id} has ${geometry.taxels.length} taxels, the data has ${taxels}: name another with --geometry`,
      exitCodes.usage,
    );
  }
  const { graph, temporal, conv, hops, hidden, temperature, psi } = settings;
  return publishedSpec(settings.network, {
    name: settings.name,
    labels: data.labels,
    taxels,
    fingers: channels / 2,
    bins,
    binUs,
    hidden,
    ...(graph === undefined ? {} : { taxelEdges: taxelGraph(graph, planePositions(geometry)) }),
    ...(temporal === undefined ? {} : { temporalGraph: temporal }),
    ...(conv === undefined ? {} : { convChannels: conv }),
    ...(hops === undefined ? {} : { hops }),
    ...(settings.order === undefined ? {} : { locationOrder: order }),
    decision: {
      ...(typeof temperature === 'number' ? { temperature } : {}),
      ...(psi === undefined ? {} : { psi }),
    },
  });
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

/** { 40: 0.1 } -> `40:0.1`: a schedule as `--schedule` takes it. */
export function scheduleText(steps: Readonly<Record<number, number>>): string {
  return Object.entries(steps)
    .map(([epoch, factor]) => `${epoch}:${factor}`)
    .join(',');
}
