/**
 * The spike-response neuron of the hybrid networks, TSRM and LSRM (Kang et al., IJCNN 2022 and Front. Neurosci.
 * 17:1127537, 2023), in the discrete form of SLAYER (Shrestha & Orchard, NeurIPS 2018):
 *
 *   u(n) = sum_k e(k) a(n-k)  +  sum_k r(k) s(n-k)         a(n) = W x(n), without bias
 *   s(n) = 1 if u(n) >= threshold, else 0
 *
 * n counts bins for the time neuron (TSRM) and taxels for the location neuron (LSRM), as with the neuron of lif.ts.
 *
 * The order of float32 additions: the response first, k ascending; then the refractory responses of the spikes before,
 * the oldest first. e(0) = r(0) = 0, so a spike is felt from the next step on.
 */
import type { SrmSpec } from '../network/spec.js';

/** The published constants. */
export const publishedSrm: SrmSpec = {
  kind: 'srm',
  threshold: 10,
  responseTau: 10,
  refractoryTau: 1,
  refractoryScale: 2,
  fires: 'at-or-above',
  surrogate: 'exponential',
  surrogateTau: 1,
  surrogateScale: 1,
};

/** Taps that engines are ready for: of the response, and of the refractory response (one bit of a word each). */
export const mostResponseTaps = 1024;
export const mostRefractoryTaps = 32;

/** A response ends before the first tap behind its peak that is smaller than this. */
const smallestTap = 0.01;

/** e(k), float32: 77 taps with the published constants. */
export function responseKernel({ responseTau }: Pick<SrmSpec, 'responseTau'>): Float32Array {
  return alphaKernel(1, responseTau, mostResponseTaps);
}

/** r(k), float32: 11 taps with the published constants. */
export function refractoryKernel(srm: SrmSpec): Float32Array {
  return alphaKernel(-srm.refractoryScale * srm.threshold, srm.refractoryTau, mostRefractoryTaps);
}

/** scale * (k / tau) exp(1 - k / tau), computed in float64; at most one tap more than `most`, which tells that it is too long. */
function alphaKernel(scale: number, tau: number, most: number): Float32Array {
  const taps: number[] = [];
  for (let k = 0; k <= most; k++) {
    const value = ((scale * k) / tau) * Math.exp(1 - k / tau);
    if (Math.abs(value) < smallestTap && k > tau) break;
    taps.push(value);
  }
  return Float32Array.from(taps);
}

/** A neuron with its kernels. */
export interface Srm {
  readonly threshold: number;
  readonly response: Float32Array;
  readonly refractory: Float32Array;
}

export function srmOf(spec: SrmSpec): Srm {
  return {
    threshold: Math.fround(spec.threshold),
    response: responseKernel(spec),
    refractory: refractoryKernel(spec),
  };
}

/**
 * Membrane potential of one neuron at step `n`, float32.
 * @param currentAt a(m) for m <= n
 * @param spikedAt  s(m) for m < n
 */
export function srmMembrane(
  { response, refractory }: Srm,
  n: number,
  currentAt: (m: number) => number,
  spikedAt: (m: number) => boolean,
): number {
  let u = 0;
  for (let k = 1; k < response.length && k <= n; k++)
    u = Math.fround(u + Math.fround(response[k]! * currentAt(n - k)));
  for (let k = Math.min(n, refractory.length - 1); k >= 1; k--)
    if (spikedAt(n - k)) u = Math.fround(u + refractory[k]!);
  return u;
}

/** Whether a neuron with this membrane potential spikes: at the threshold or above. */
export function srmFires({ threshold }: Pick<Srm, 'threshold'>, membrane: number): boolean {
  return membrane >= threshold;
}

/** Exponential surrogate derivative ds/du. */
export function srmSurrogate(spec: SrmSpec, membrane: number): number {
  const width = spec.surrogateTau * spec.threshold;
  return (Math.exp(-Math.abs(membrane - spec.threshold) / width) * spec.surrogateScale) / width;
}
