/**
 * The taxel graph of the published networks: a minimum spanning tree of the 39 coordinates of Gu et al. 2020, which
 * their scripts build (`k = 3`) and apply to the rows of the data as if row i lay at the i-th coordinate.
 *
 * Several edges have one length, so there are several such trees. This is the one that grows from the centre (row 20)
 * and takes, among equal edges, that of the taxel which was reached first: what the published code does where
 * `torch.sort` keeps the order of equal numbers.
 */
import { bothWays, type Edge } from './edges.js';

/** Undirected edges in the published numbering, which counts from 1, in the order in which the tree grows. */
const numbers =
  '21-16 21-17 21-15 21-27 27-23 27-24 23-29 29-20 20-12 29-33 33-34 34-31 12-9 9-6 6-10 31-28 28-22 22-14 34-39 ' +
  '20-18 6-1 22-19 33-37 31-38 9-2 10-3 29-30 12-7 28-32 14-8 30-35 7-4 32-36 8-5 35-25 4-11 36-26 5-13';

/** Its 76 directed edges between data rows. */
export const publishedTaxelTree: readonly Edge[] = bothWays(
  numbers.split(' ').map((pair) => {
    const [a, b] = pair.split('-').map(Number);
    return [a! - 1, b! - 1] as const;
  }),
);
