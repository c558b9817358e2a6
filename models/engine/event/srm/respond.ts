import type { Srm } from '../../../neurons/srm.js';
import type { Rows } from '../kernels.js';
import type { SrmScan } from './srm-branch.js';

/** `Kernels.respond` in plain JavaScript; for the order of additions see neurons/srm.ts. */
export function plainRespond(
  srm: Srm,
  { outputs, stride }: Rows,
  { currents, history, start, index, membranes }: SrmScan,
  from: number,
  to: number,
  until: number,
): void {
  const { threshold, response, refractory } = srm;
  const past = 2 ** (refractory.length - 1) - 1;
  const u = new Float32Array(outputs);
  let count = start[from]!;
  for (let n = from; n < to; n++) {
    const nearest = Math.max(1, n - until + 1);
    const farthest = Math.min(response.length - 1, n);
    addResponses(u, response, currents, n, nearest, farthest, stride);
    const row = n * stride;
    for (let j = 0; j < outputs; j++) {
      const spikes = history[row + j]!;
      if (spikes !== 0) u[j] = recover(u[j]!, spikes, refractory);
      const fires = u[j]! >= threshold;
      if (fires) index[count++] = j;
      history[row + stride + j] = ((spikes << 1) | (fires ? 1 : 0)) & past;
    }
    membranes?.set(u, row);
    start[n + 1] = count;
  }
}

/**
 * Membranes `u` from the currents of the steps n - nearest down to n - farthest. Four taps a pass, so that a membrane is
 * loaded and stored once for four additions; the order of additions stays that of the taps.
 */
function addResponses(
  u: Float32Array,
  response: Float32Array,
  currents: Float32Array,
  n: number,
  nearest: number,
  farthest: number,
  stride: number,
): void {
  const { fround } = Math;
  u.fill(0);
  let k = nearest;
  for (; k + 3 <= farthest; k += 4) {
    const row = (n - k) * stride;
    const tap = response[k]!;
    const tap1 = response[k + 1]!;
    const tap2 = response[k + 2]!;
    const tap3 = response[k + 3]!;
    for (let j = 0; j < u.length; j++) {
      const a = row + j;
      const two = fround(fround(u[j]! + fround(tap * currents[a]!)) + fround(tap1 * currents[a - stride]!));
      u[j] = fround(
        fround(two + fround(tap2 * currents[a - 2 * stride]!)) + fround(tap3 * currents[a - 3 * stride]!),
      );
    }
  }
  for (; k <= farthest; k++) {
    const row = (n - k) * stride;
    const tap = response[k]!;
    for (let j = 0; j < u.length; j++) u[j] = fround(u[j]! + fround(tap * currents[row + j]!));
  }
}

/** Adds the refractory responses of the spikes before, the oldest first. */
function recover(u: number, spikes: number, refractory: Float32Array): number {
  let sum = u;
  for (let k = refractory.length - 1; k >= 1; k--)
    if ((spikes >>> (k - 1)) & 1) sum = Math.fround(sum + refractory[k]!);
  return sum;
}
