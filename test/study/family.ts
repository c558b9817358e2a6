/** Every published network on the simulator's two-finger touch: five seeds each, which also draw the touch anew. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locationOrder, neutouchB, planePositions } from '../../devices/index.js';
import {
  learnedOrder,
  meanStep,
  minimumSpanningTree,
  PUBLISHED_NAMES,
  type PublishedName,
  publishedNetwork,
  publishedSpec,
  randomOrder,
  whyUseless,
} from '../../models/index.js';
import { root } from '../support/paths.js';
import { positive } from '../support/promises.js';
import { loadParts } from './data.js';
import { runAll } from './pool.js';
import { accuracies, accuracyTable, mean, provenance, rowsOf } from './report.js';
import type { Study } from './study.js';
import type { Recipe, TrainingJob } from './training.js';

const seeds = 5;

/** Which of seven contacts is it? And: does the held object give way? The published slip shape, 150 bins of 1 ms. */
const tasks = [
  {
    title: 'Seven contacts, two fingers, 50 bins of 20 ms',
    set: 'simulator:task=contacts,fingers=2,seed=%,count=210',
  },
  { title: 'Slip, two fingers, 150 bins of 1 ms', set: 'simulator:task=slip,fingers=2,seed=%,count=120' },
] as const;

/** LIF networks a quarter as wide as published, so that the study takes minutes; one recipe a neuron type. */
const width = { convChannels: 16, hidden: [64] };
const recipes: Readonly<Record<'lif' | 'srm', Recipe>> = {
  lif: {
    epochs: 14,
    batchSize: 8,
    loss: { name: 'mse' },
    optimiser: { kind: 'adam', learningRate: 2e-3, amsgrad: true },
    schedule: { 10: 0.3 },
    validation: 0,
  },
  srm: {
    epochs: 40,
    batchSize: 8,
    loss: { name: 'num-spikes' },
    optimiser: { kind: 'rmsprop', learningRate: 0.01 },
    schedule: { 30: 0.3 },
    validation: 0,
  },
};

interface Kind {
  readonly row: string;
  readonly network: PublishedName;
  readonly temporalGraph?: 'dense';
  /** Location order other than the whorl of the pad. */
  readonly order?: 'row' | 'arch' | 'random' | 'learned';
}

const kinds: readonly Kind[] = [
  ...PUBLISHED_NAMES.map((network): Kind => ({ row: network, network })),
  { row: 'hybrid-lif-gnn, dense graph over the bins', network: 'hybrid-lif-gnn', temporalGraph: 'dense' },
  ...(['row', 'arch', 'random', 'learned'] as const).map(
    (order): Kind => ({ row: `hybrid-srm-fc, order ${order}`, network: 'hybrid-srm-fc', order }),
  ),
];

export const study: Study = {
  name: 'family',
  about: 'every published network on simulated touch of two fingers, 5 seeds each [seeds, default 5]',
  async run(args) {
    const run = positive('seeds', args[0] ?? String(seeds));
    const started = performance.now();
    const sections: string[] = [];
    const figures: Record<string, number> = {};
    for (const { title, set } of tasks) {
      console.log(`\n== ${title}`);
      const rows = rowsOf(await runAll(await jobsFor(set, run)));
      sections.push(`## ${title}\n\n${accuracyTable(rows)}\n`);
      console.log(sections.at(-1));
      const [best] = [...rows].sort((a, b) => mean(accuracies(b)) - mean(accuracies(a)));
      figures[`best_${set.includes('slip') ? 'slip' : 'contacts'}`] = Number(
        mean(accuracies(best!)).toFixed(4),
      );
    }
    const minutes = (performance.now() - started) / 60_000;
    const file = join(root, 'test', 'study', 'FAMILY.md');
    writeFileSync(file, [head(run, minutes), ...sections].join('\n'));
    console.log(`wrote ${file}`);
    return { ...figures, minutes: Number(minutes.toFixed(1)) };
  },
};

async function jobsFor(set: string, run: number): Promise<TrainingJob[]> {
  const jobs: TrainingJob[] = [];
  for (const kind of kinds) {
    for (let part = 0; part < run; part++) jobs.push(await jobFor(set, kind, part, run));
  }
  // The longest first, so that no core is left alone with one at the end.
  const cost = ({ spec }: TrainingJob): number =>
    (spec.time?.neuron ?? spec.location!.neuron).kind === 'lif' ? 1 : 0;
  return jobs.sort((a, b) => cost(b) - cost(a));
}

async function jobFor(set: string, kind: Kind, part: number, parts: number): Promise<TrainingJob> {
  const { row, network, temporalGraph } = kind;
  const data = { set, part, parts };
  const { learn } = await loadParts(data);
  const { taxels, channels, bins, binUs } = learn.input;
  const { neuron, hidden } = publishedNetwork(network);
  const uses = (what: Parameters<typeof whyUseless>[1]): boolean => whyUseless(network, what) === undefined;
  const spec = publishedSpec(network, {
    name: network,
    labels: learn.labels,
    ...{ taxels, fingers: channels / 2, bins, binUs },
    ...(neuron === 'lif' ? { ...width, hidden: hidden.length === 0 ? [] : width.hidden } : {}),
    ...(uses('taxel graph') ? { taxelEdges: minimumSpanningTree(planePositions(neutouchB)) } : {}),
    ...(uses('location order') ? { locationOrder: orderOf(kind.order ?? 'whorl', part, learn) } : {}),
    ...(temporalGraph === undefined ? {} : { temporalGraph }),
  });
  return { row, spec, recipe: recipes[neuron], seed: part + 1, data };
}

function orderOf(name: string, part: number, learn: Parameters<typeof learnedOrder>[0]): readonly number[] {
  if (name === 'random') return randomOrder(neutouchB.taxels.length, part + 1);
  if (name === 'learned') return learnedOrder(learn) ?? locationOrder(neutouchB, 'row');
  return locationOrder(neutouchB, name);
}

function head(run: number, minutes: number): string {
  const smooth = (order: readonly number[]): string =>
    `${meanStep(order, planePositions(neutouchB)).toFixed(2)} mm`;
  return `# The family on simulated touch of two fingers

Made by \`npm run study -- family\` (${run} seeds, ${minutes.toFixed(0)} minutes; ${provenance()}); do not edit.

A seed draws the touch to learn from, the touch to measure on (never seen in training), the weights and the order of
training. The last epoch is measured; nothing is chosen on the measured touch. LIF networks: 16 channels and dense 64
(published: 64 and 128, 256), MSE, Adam (AMSGrad) 0.002, ${recipes.lif.epochs} epochs. SRM networks: published sizes, num-spikes, RMSprop 0.01,
${recipes.srm.epochs} epochs. Location order: whorl unless named; mean way from taxel to taxel: whorl ${smooth(locationOrder(neutouchB, 'whorl'))}, row ${smooth(locationOrder(neutouchB, 'row'))},
random ${smooth(randomOrder(39, 1))}. Energy is an estimate at 45 nm; "equal shape" is the network without spikes of the same layers.
`;
}
