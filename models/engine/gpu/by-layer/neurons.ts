import { activeAt, type EventBranch, type LifBranch } from '../../event/branch.js';
import { type ActiveList, plainKernels } from '../../event/kernels.js';
import { respond, type SrmBranch } from '../../event/srm/srm-branch.js';

/** Called with the spikes of a layer at each step, steps in order. */
export type OnStep = (step: number, spikes: ActiveList) => void;

/**
 * Scans the neurons of layer `l` over one window, from rest.
 * @param currents one row a step
 */
export function scanNeurons(
  branch: EventBranch,
  l: number,
  currents: readonly Float32Array[],
  onStep: OnStep,
): void {
  if (branch.kind === 'lif') scanLifNeurons(branch, l, currents, onStep);
  else scanSrmNeurons(branch, l, currents, onStep);
}

function scanLifNeurons(
  { layers, states, neuron }: LifBranch,
  l: number,
  currents: readonly Float32Array[],
  onStep: OnStep,
): void {
  const { rows } = layers[l]!;
  const { membrane, spikes } = states[l]!;
  membrane.fill(0);
  for (const [step, current] of currents.entries()) {
    plainKernels.fire(rows, neuron, current, 0, membrane, spikes);
    onStep(step, spikes);
  }
}

function scanSrmNeurons(
  branch: SrmBranch,
  l: number,
  currents: readonly Float32Array[],
  onStep: OnStep,
): void {
  const [layer, scan] = [branch.layers[l]!, branch.state.scans[l]!];
  for (const [step, current] of currents.entries()) scan.currents.set(current, step * layer.rows.stride);
  respond(branch, layer, scan, 0, branch.steps);
  for (let step = 0; step < branch.steps; step++) onStep(step, activeAt(scan, step));
}
