/**
 * The order in which every engine adds up the current of a dense neuron. Float32 addition is not associative, so the
 * order is part of what a network means: only when it is fixed can engines agree spike for spike.
 *
 *   - Inputs are taken in blocks of `sumBlock`. Within a block the weights of the active inputs are added in ascending
 *     order; the first block starts from the bias, the others from zero.
 *   - The block sums are added pairwise: neighbours first, then sums of neighbours, and so on; an odd one out goes up
 *     as it is.
 *
 * A layer of up to `sumBlock` inputs is thus summed straight on. Pairwise sums are also the more exact ones (the error
 * grows with the logarithm of the blocks), and a change in one block changes only the sums above it: that is what makes
 * exact streaming cheap.
 */
export const sumBlock = 256;

/** Number of blocks of a layer with `inputs` inputs. */
export function blockCount(inputs: number): number {
  return Math.ceil(inputs / sumBlock);
}
