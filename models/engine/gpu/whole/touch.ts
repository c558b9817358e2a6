import { type Adjacency, normalisedAdjacency, propagateHops } from '../../../graph/adjacency.js';
import type { ScanInput } from '../../../network/scan-input.js';
import { layerFanIn } from '../../../network/shapes.js';
import type { LayerSpec } from '../../../network/spec.js';

/**
 * What the device is given: the input of a branch's first layer at every scan step. For a graph convolution these are
 * the features of all hops, spread over the graph in JavaScript: it is little work, and its operations are counted there.
 */
export class TouchEncoder {
  /** Values a step. */
  readonly width: number;
  readonly #adjacency: Adjacency | undefined;

  constructor(private readonly layer: LayerSpec) {
    this.width = layer.kind === 'tagconv' ? layer.graph.nodes * layerFanIn(layer) : layer.inputs;
    this.#adjacency = layer.kind === 'tagconv' ? normalisedAdjacency(layer.graph) : undefined;
  }

  /**
   * Fills `values` [steps, width], all zeros on entry.
   * @returns synaptic operations of the first layer
   */
  encode({ start, index }: ScanInput, values: Float32Array): number {
    let operations = 0;
    for (let step = 0; step + 1 < start.length; step++) {
      const row = values.subarray(step * this.width, (step + 1) * this.width);
      for (let i = start[step]!; i < start[step + 1]!; i++) row[this.#place(index[i]!)] = 1;
      if (this.layer.kind === 'tagconv')
        operations += propagateHops(this.#adjacency!, this.layer.hops, this.layer.inputs, row);
      operations += nonZero(row) * this.layer.outputs;
    }
    return operations;
  }

  /** Where an input (node * channels + channel) stands: at hop 0 of its node. */
  #place(input: number): number {
    if (this.layer.kind === 'dense') return input;
    const channel = input % this.layer.inputs;
    return ((input - channel) / this.layer.inputs) * layerFanIn(this.layer) + channel;
  }
}

function nonZero(values: Float32Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
  return count;
}
