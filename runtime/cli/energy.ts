/** An energy ledger for people and for programs. What is counted, and how, is said in models/energy.ts. */
import {
  type EqualShapeCost,
  energyRatio,
  type Ledger,
  type Operations,
  STACKS,
} from '../../models/index.js';

/** One line: what a window takes, and how many times that a network without spikes would. */
export function energyLine(ledger: Ledger, equalShape: EqualShapeCost): string {
  const { synapticPj, totalPj } = ledger.sums;
  const { synaptic, total } = energyRatio(ledger, equalShape);
  return `${microjoules(synapticPj)} synapses, ${microjoules(totalPj)} with neurons, estimated a window; without spikes ${microjoules(equalShape.energyPj)}: ${times(synaptic)} and ${times(total)}`;
}

const columns = [
  'layer',
  'spikes',
  'AC',
  'MAC',
  'neuron updates',
  'neuron ops',
  'weights kB',
  'state kB',
  'synapses nJ',
  'total nJ',
  'equal-shape MAC',
];

/** A row a layer and one for all, and what the figures mean. */
export function energyTable(ledger: Ledger, equalShape: EqualShapeCost): string {
  const { stacks, sums, costs } = ledger;
  const layers = STACKS.flatMap((stack) =>
    (stacks[stack]?.layers ?? []).map((work, l) =>
      row(`${stack}.${work.layer}`, work, equalShape.stacks[stack]![l]!.multiplyAccumulates),
    ),
  );
  const rows = [columns, ...layers, row('all', sums, equalShape.multiplyAccumulates)];
  const widths = columns.map((_, c) => Math.max(...rows.map((cells) => cells[c]!.length)));
  const lines = rows.map((cells) =>
    cells.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join('  '),
  );
  return [
    ...lines,
    `means a window; energy estimated with ${costs.macPj} pJ a multiply-accumulate (MAC) and ${costs.acPj} pJ an accumulate (AC), without memory`,
  ].join('\n');
}

/** For programs; energies are estimates in microjoules, a ratio is null where nothing was spent. */
export function energyJson(ledger: Ledger | undefined, equalShape: EqualShapeCost): object {
  const { costs, multiplyAccumulates, energyPj, stacks } = equalShape;
  return {
    costs: { mac_pj: costs.macPj, ac_pj: costs.acPj },
    ...(ledger === undefined
      ? {}
      : {
          stacks: Object.fromEntries(
            Object.entries(ledger.stacks).map(([stack, { layers, sums }]) => [
              stack,
              {
                layers: layers.map((work) => ({ layer: work.layer, ...workJson(work) })),
                sums: workJson(sums),
              },
            ]),
          ),
          sums: workJson(ledger.sums),
        }),
    equal_shape: {
      stacks: Object.fromEntries(
        Object.entries(stacks).map(([stack, layers]) => [
          stack,
          layers.map((of) => ({ layer: of.layer, multiply_accumulates: of.multiplyAccumulates })),
        ]),
      ),
      multiply_accumulates: multiplyAccumulates,
      uj_est: toMicro(energyPj),
    },
    ...(ledger === undefined ? {} : { equal_shape_ratio: energyRatio(ledger, equalShape) }),
  };
}

type Figures = Ledger['sums'];

function workJson(work: Figures): object {
  return {
    spikes: work.spikes,
    accumulates: work.accumulates,
    multiply_accumulates: work.multiplyAccumulates,
    neuron_updates: work.neuronUpdates,
    neuron_ops: {
      accumulates: work.neuronOps.accumulates,
      multiply_accumulates: work.neuronOps.multiplyAccumulates,
    },
    weight_bytes: work.weightBytes,
    state_bytes: work.stateBytes,
    synaptic_uj_est: toMicro(work.synapticPj),
    total_uj_est: toMicro(work.totalPj),
  };
}

function row(name: string, work: Figures, equalShape: number): string[] {
  const { spikes, accumulates, multiplyAccumulates, neuronUpdates, neuronOps } = work;
  const kilo = [work.weightBytes, work.stateBytes, work.synapticPj, work.totalPj].map((value) =>
    (value / 1000).toFixed(1),
  );
  const counts = [spikes, accumulates, multiplyAccumulates, neuronUpdates, both(neuronOps)].map(whole);
  return [name, ...counts, ...kilo, whole(equalShape)];
}

function both({ accumulates, multiplyAccumulates }: Operations): number {
  return accumulates + multiplyAccumulates;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function toMicro(picojoules: number): number {
  return picojoules / 1e6;
}

function microjoules(picojoules: number): string {
  return `${Number(toMicro(picojoules).toPrecision(3))} uJ`;
}

function times(ratio: number): string {
  return Number.isFinite(ratio) ? `${Number(ratio.toPrecision(3)).toLocaleString('en')}x` : 'no ratio';
}
