import type { Command } from 'commander';
import {
  engineByName,
  type LayerSpec,
  layerWidth,
  type Model,
  type NeuronSpec,
  STACKS,
  type StoppingSpec,
  scanSteps,
  verifyModel,
} from '../../models/index.js';
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
  const selfTest = await verifyModel(await engineByName('event').compile(model), model);
  const { weights, ...about } = model;
  const parameters = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  if (options.json) {
    const { selfTest: _, ...rest } = about;
    console.log(JSON.stringify({ ...rest, parameters, selfTest }));
  } else {
    console.log(describe(model, parameters));
    console.log(
      selfTest.windows === 0
        ? 'self-test    none in this file'
        : `self-test    ${selfTest.ok ? `passed, ${selfTest.windows} windows` : `FAILED: ${selfTest.faults.join('; ')}`}`,
    );
  }
  if (!selfTest.ok) process.exitCode = exitCodes.failed;
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
