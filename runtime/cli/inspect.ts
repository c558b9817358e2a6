import type { Command } from 'commander';
import {
  type EqualShapeCost,
  type Executor,
  engineByName,
  equalShapeCost,
  type LayerSpec,
  type Ledger,
  layerWidth,
  ledger,
  type Model,
  meanActivity,
  type NeuronSpec,
  parameterCount,
  STACKS,
  type StoppingSpec,
  scanSteps,
  selfTestWindows,
  verifyModel,
} from '../../models/index.js';
import { energyJson, energyLine } from './energy.js';
import { examples } from './examples.js';
import { exitCodes } from './exit.js';
import { openModel } from './model.js';
import { optionHelp } from './options.js';

export function define(command: Command): void {
  command.argument('<model>', optionHelp.model).option('--json', optionHelp.json).action(run);
  examples(command, [
    ['whorl inspect demo', 'the bundled model'],
    ['whorl inspect grasp.safetensors --json', 'description, provenance, metrics and self-test as JSON'],
  ]);
}

async function run(name: string, options: { json?: true }): Promise<void> {
  const model = await openModel(name);
  const executor = await engineByName('event').compile(model);
  const selfTest = await verifyModel(executor, model);
  const mean = await selfTestLedger(executor, model);
  const equalShape = equalShapeCost(model.spec);
  const parameters = parameterCount(model.spec);
  if (options.json) {
    const { selfTest: _, weights: __, ...rest } = model;
    const energy = energyJson(mean, equalShape);
    console.log(JSON.stringify({ ...rest, parameters, energy, selfTest }));
  } else {
    console.log(describe(model, parameters));
    console.log(energyLines(mean, equalShape));
    console.log(
      selfTest.windows === 0
        ? 'self-test    none in this file'
        : `self-test    ${selfTest.ok ? `passed, ${selfTest.windows} windows` : `FAILED: ${selfTest.faults.join('; ')}`}`,
    );
  }
  if (!selfTest.ok) process.exitCode = exitCodes.failed;
}

/** Mean ledger of the model's self-test windows; undefined when it has none. */
async function selfTestLedger(executor: Executor, model: Model): Promise<Ledger | undefined> {
  const windows = selfTestWindows(model, model.selfTest);
  if (windows.length === 0) return undefined;
  return ledger(model.spec, meanActivity(await executor.run(windows)));
}

function energyLines(mean: Ledger | undefined, equalShape: EqualShapeCost): string {
  const macs = equalShape.multiplyAccumulates.toLocaleString('en');
  return [
    `equal shape  ${macs} multiply-accumulates a window in a network without spikes`,
    ...(mean === undefined ? [] : [`energy       ${energyLine(mean, equalShape)}`]),
  ].join('\n');
}

function describe(model: Model, parameters: number): string {
  const { spec } = model;
  const { taxels, channels, bins, binUs } = spec.input;
  const lines = [
    `${model.id} ${model.version}`,
    `sha256       ${model.sha256}`,
    `window       ${bins} bins of ${binUs / 1000} ms = ${(bins * binUs) / 1e6} s, ${taxels} taxels, ${channels} channels`,
    `labels       ${spec.labels.length}: ${spec.labels.join(', ')}`,
    `parameters   ${parameters.toLocaleString('en')}`,
  ];
  for (const name of STACKS) {
    const branch = spec[name];
    if (branch === undefined) continue;
    lines.push(`${name.padEnd(12)} ${scanSteps(spec, name)} steps, ${neuronLine(branch.neuron)}`);
    for (const layer of branch.layers) lines.push(`             ${layerLine(layer)}`);
  }
  if (spec.decision.stopping !== undefined) lines.push(stoppingLine(spec.decision.stopping, spec.labels));
  for (const [title, record] of [
    ['training', model.training],
    ['metrics', model.metrics],
  ] as const) {
    for (const [i, [key, value]] of Object.entries(record).entries()) {
      lines.push(
        `${(i === 0 ? title : '').padEnd(12)} ${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
      );
    }
  }
  return lines.join('\n');
}

function stoppingLine(
  { thresholds, holdBins, targetError }: StoppingSpec,
  labels: readonly string[],
): string {
  const least = labels.map((label, c) => `${label} ${thresholds[c]?.toFixed(2) ?? 'never'}`);
  return `early        held for ${holdBins} bins, target error ${100 * targetError} %: ${least.join(', ')}`;
}

function neuronLine(neuron: NeuronSpec): string {
  const { kind, threshold } = neuron;
  const memory = kind === 'lif' ? `decay ${neuron.decay}` : `response peak after ${neuron.responseTau} steps`;
  return `${kind} neurons, threshold ${threshold}, ${memory}`;
}

function layerLine(layer: LayerSpec): string {
  if (layer.kind === 'dense') return `dense ${layer.inputs} -> ${layer.outputs}`;
  const { graph } = layer;
  const edges = graph.kind === 'edges' ? `${graph.edges.length} edges` : graph.kind;
  return `tagconv ${layer.inputs} -> ${layer.outputs} channels, ${layer.hops} hops, ${graph.nodes} nodes, ${edges}: ${layerWidth(layer)} neurons`;
}
