/** Eigenvalues and eigenvectors of a symmetric matrix, by one-sided Jacobi rotations (Hestenes 1958). */

export interface Eigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** Unit vectors, in the order of the values; the sign of each is arbitrary. */
  readonly vectors: readonly Float64Array[];
}

/** Sweeps over all pairs of rows; six to ten are usual, and then nothing is left to rotate. */
const MOST_SWEEPS = 60;

/** Cosine of two rows, for each of their entries, that rounding alone may leave. */
const NEGLIGIBLE = 2 ** -52;

/**
 * All eigenpairs of a symmetric matrix, row-major [n, n]. The matrix is shifted to be positive definite and its rows are
 * rotated until they are orthogonal; they are then eigenvectors times eigenvalues. Takes O(n^3) a sweep: meant for some
 * hundred rows.
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const shift = 1.5 * largestRowSum(matrix, n) || 1;
  const rows = Array.from({ length: n }, (_, i) => matrix.slice(i * n, (i + 1) * n));
  for (const [i, row] of rows.entries()) row[i]! += shift;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let rotations = 0;
    for (let p = 0; p < n - 1; p++)
      for (let q = p + 1; q < n; q++) if (orthogonalise(rows[p]!, rows[q]!)) rotations++;
    if (rotations === 0) break;
  }
  const pairs = rows
    .map((row) => ({ row, length: Math.sqrt(dot(row, row)) }))
    .sort((a, b) => a.length - b.length);
  return {
    values: Float64Array.from(pairs, ({ length }) => length - shift),
    vectors: pairs.map(({ row, length }) => row.map((x) => x / length)),
  };
}

/** Largest sum of the magnitudes in a row: no eigenvalue is larger in magnitude (Gershgorin). */
export function largestRowSum(matrix: Float64Array, n: number): number {
  let largest = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += Math.abs(matrix[i * n + j]!);
    largest = Math.max(largest, sum);
  }
  return largest;
}

/** Turns two rows in their plane until they are orthogonal; false when they were. */
function orthogonalise(x: Float64Array, y: Float64Array): boolean {
  const [xx, yy, xy] = [dot(x, x), dot(y, y), dot(x, y)];
  if (!(Math.abs(xy) > NEGLIGIBLE * x.length * Math.sqrt(xx * yy))) return false;
  const half = (yy - xx) / (2 * xy);
  const t = (half >= 0 ? 1 : -1) / (Math.abs(half) + Math.hypot(half, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < x.length; k++) {
    const [a, b] = [x[k]!, y[k]!];
    x[k] = c * a - s * b;
    y[k] = s * a + c * b;
  }
  return true;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
