import {
  decide,
  type EnergyCosts,
  equalShapeCost,
  horowitz45nm,
  type InputSpec,
  type Model,
  type NetworkSpec,
  outputWeights,
  parameterCount,
  STACKS,
  type StoppingSpec,
  scanSteps,
} from '../../models/index.js';
import type { Inference, LoadedModel } from '../inference/index.js';
import type { Answer, ServedModel } from './messages.js';

type Counts = Extract<Answer, { ok: true }>;

/**
 * A model that others compute. What it is comes from the file; what runs it, from the worker that answered last, so these
 * fields change. It has no streams: windows travel whole.
 */
export class RemoteModel implements LoadedModel {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  readonly labels: readonly string[];
  readonly input: InputSpec;
  readonly parameters: number;
  readonly equalShape: LoadedModel['equalShape'];
  readonly stopping?: StoppingSpec;
  readonly noStreams = 'a gateway sends whole windows to its workers; whorl run answers bin by bin';
  /** As a worker has it; undefined before the first. */
  served: ServedModel | undefined;
  readonly #spec: NetworkSpec;

  constructor({ id, version, sha256, spec }: Model, costs: EnergyCosts = horowitz45nm) {
    const { multiplyAccumulates, energyPj } = equalShapeCost(spec, costs);
    this.id = id;
    this.version = version;
    this.sha256 = sha256;
    this.labels = spec.labels;
    this.input = spec.input;
    this.parameters = parameterCount(spec);
    this.equalShape = { multiplyAccumulates, energyPj };
    if (spec.decision.stopping !== undefined) this.stopping = spec.decision.stopping;
    this.#spec = spec;
  }

  /** By which it is named in topics. */
  get topicName(): string {
    return topicNameOf(this.sha256);
  }

  get engine(): string {
    return this.served?.engine ?? 'remote';
  }

  get mode(): string {
    return this.served?.mode ?? 'none';
  }

  get verified(): number {
    return this.served?.verified ?? 0;
  }

  get medianUs(): number {
    return this.served?.median_us ?? 0;
  }

  get longestUs(): number {
    return this.served?.longest_us ?? 0;
  }

  /**
   * What the network said, from the output spikes that a worker counted: label and scores are computed here, by the same
   * rule. Throws RangeError for counts that this network cannot give.
   * @param cells cells of the window that were touched
   */
  inference({ counts, spikes, us }: Counts, cells: number): Inference {
    const spec = this.#spec;
    for (const { stack } of outputWeights(spec))
      if (counts[stack]?.length !== spec.labels.length)
        throw new RangeError(`counts.${stack} has not a number for each of the ${spec.labels.length} labels`);
    const stacks = STACKS.filter((stack) => counts[stack] !== undefined);
    const checked = stacks.map((stack) => {
      const list = counts[stack]!;
      if (spec[stack] === undefined)
        throw new RangeError(`counts.${stack}: the network has nothing of that name`);
      const most = scanSteps(spec, stack);
      if (list.some((count) => count > most))
        throw new RangeError(`counts.${stack} has more than ${most} spikes, one a step`);
      return [stack, Uint32Array.from(list)] as const;
    });
    const answer = Object.fromEntries(checked.map(([stack, list]) => [stack, { counts: list }]));
    return {
      decision: decide(spec, answer),
      counts: Object.fromEntries(checked),
      ...(spikes === undefined
        ? {}
        : {
            spikes: {
              ...{ input: cells, hidden: spikes.hidden, output: spikes.output, synapticOps: spikes.synops },
              energy: { synapticPj: spikes.synaptic_pj, totalPj: spikes.total_pj },
            },
          }),
      durations: { encodeUs: us.encode, inferUs: us.infer, postUs: us.post },
    };
  }
}

/** The part of a digest by which a model is named in topics. */
export function topicNameOf(sha256: string): string {
  return sha256.slice(0, 16);
}
