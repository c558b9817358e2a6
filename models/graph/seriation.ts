/** Spectral seriation: things on a line, so that what is alike stands close together (Atkins, Boman & Hendrickson 1998). */
import { largestRowSum, symmetricEigen } from './jacobi.js';

/** Components of the Fiedler vector, and eigenvalues relative to the largest, that differ by less are the same. */
const SAME = 1e-9;

/**
 * The order of 0 .. n-1 by their component in the Fiedler vector of the Laplacian L = diag(row sums of S) - S, that is,
 * in the unit vector orthogonal to (1, 1, ...) for which sum over i, j of S(i, j) (x(i) - x(j))^2 is least. Adding a
 * constant to all of S does not change it, so S may be negative. Its sign is such that the first component that is not
 * zero is negative; equal components go by their index.
 * @param similarity symmetric, row-major [n, n]; the diagonal does not matter
 * @returns undefined where no single vector is best: n < 2, nothing is more alike than something else, or a symmetry
 */
export function spectralOrder(similarity: Float64Array, n: number): number[] | undefined {
  if (n < 2) return undefined;
  const laplacian = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      laplacian[i * n + j] = -similarity[i * n + j]!;
      laplacian[i * n + i]! += similarity[i * n + j]!;
    }
  }
  const largest = largestRowSum(laplacian, n);
  if (!(largest > 0)) return undefined;
  // Every eigenvalue lies within +-largest (Gershgorin); (1, 1, ...) is sent beyond, so that the Fiedler vector is first.
  const beyond = laplacian.map((value) => value + (2 * largest) / n);
  const { values, vectors } = symmetricEigen(beyond, n);
  if (n > 2 && values[1]! - values[0]! <= SAME * largest) return undefined;
  const fiedler = vectors[0]!;
  const sign = fiedler.find((x) => Math.abs(x) > SAME)! > 0 ? -1 : 1;
  const place = fiedler.map((x) => Math.round((sign * x) / SAME));
  return Array.from({ length: n }, (_, i) => i).sort((i, j) => place[i]! - place[j]! || i - j);
}
