/** The tensors of somebody else's checkpoint, taken one by one under a watchful eye. */
import { NetworkError } from '../../network/errors.js';
import type { Tensor, Weights } from '../../network/weights.js';

/** A size of a tensor; undefined where any size will do. */
export type Size = number | undefined;

/** Names that are shown at most where a list of tensors is told. */
const shown = 16;

export class CheckpointTensors {
  readonly #tensors: Weights;
  readonly #taken = new Set<string>();

  constructor(tensors: Weights) {
    this.#tensors = tensors;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** The shape of a tensor, undefined when there is none of that name. */
  shape(name: string): readonly number[] | undefined {
    return this.#tensors.get(name)?.shape;
  }

  /** What is wrong with the names: those that are missing, and those that are neither required nor optional. */
  nameFaults(required: readonly string[], optional: readonly string[] = []): string[] {
    const missing = required.filter((name) => !this.has(name));
    const leftOver = this.#names().filter((name) => !required.includes(name) && !optional.includes(name));
    return [
      ...(missing.length > 0 ? [`missing: ${list(missing)}`] : []),
      ...(leftOver.length > 0 ? [`left over: ${list(leftOver)}`] : []),
    ];
  }

  /**
   * The tensor of that name. Throws `NetworkError` when it is missing, or when its shape is another.
   * @param why where the shape comes from, for the message
   */
  take(name: string, shape: readonly Size[], why: string): Tensor {
    const tensor = this.#tensors.get(name);
    const expected = `[${shape.map((size) => size ?? 'any').join(', ')}]`;
    if (tensor === undefined)
      throw new NetworkError(`tensor ${name} ${expected} is missing; there are: ${list(this.#names())}`);
    const fits =
      tensor.shape.length === shape.length &&
      tensor.shape.every((size, i) => size > 0 && (shape[i] ?? size) === size);
    if (!fits)
      throw new NetworkError(`tensor ${name} is [${tensor.shape.join(', ')}], expected ${expected}: ${why}`);
    this.#taken.add(name);
    return tensor;
  }

  /** Tensors that nobody took. */
  unused(): string[] {
    return this.#names().filter((name) => !this.#taken.has(name));
  }

  #names(): string[] {
    return [...this.#tensors.keys()];
  }
}

function list(names: readonly string[]): string {
  const rest = names.length - shown;
  return `${names.slice(0, shown).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}` || 'none';
}
