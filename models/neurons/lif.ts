/**
 * The leaky integrate-and-fire neuron of the hybrid networks, TLIF and LLIF (Kang et al., Front. Neurosci. 17:1127537,
 * 2023; the update is that of STBP, Wu et al. 2018):
 *
 *   u(n) = decay * u(n-1) * (1 - s(n-1)) + I(n)
 *   s(n) = 1 if u(n) > threshold, else 0
 *
 * n counts bins for the time neuron (TLIF) and taxels for the location neuron (LLIF). That is the whole difference
 * between the two, so there is one step function, and whoever calls it decides what n is.
 *
 * The spike is a function of the membrane potential, so u alone is the state: s(n-1) = [u(n-1) > threshold].
 */
import type { LifSpec } from '../network/spec.js';

/** The published constants. */
export const publishedLif: LifSpec = {
  kind: 'lif',
  decay: 0.2,
  threshold: 0.5,
  fires: 'above',
  reset: 'to-zero',
  surrogate: 'rectangular',
  surrogateWidth: 0.5,
};

/** Smallest normal float32. Smaller membranes are set to zero: processors compute denormal numbers many times slower. */
export const smallestNormal = 2 ** -126;

/**
 * One update of one neuron in float32.
 * @param previous membrane potential u(n-1); 0 before the first step
 * @param current  input current I(n)
 * @returns the membrane potential u(n), a float32
 */
export function lifMembrane(lif: LifSpec, previous: number, current: number): number {
  const kept = lifFires(lif, previous) ? 0 : Math.fround(Math.fround(lif.decay) * previous);
  const u = Math.fround(kept + current);
  return Math.abs(u) < smallestNormal ? 0 : u;
}

/** Whether a neuron with this membrane potential spikes: strictly above the threshold. */
export function lifFires(lif: LifSpec, membrane: number): boolean {
  return membrane > Math.fround(lif.threshold);
}

/** Rectangular surrogate derivative ds/du: 1 within `surrogateWidth` of the threshold, else 0. */
export function lifSurrogate(lif: LifSpec, membrane: number): number {
  return Math.abs(membrane - Math.fround(lif.threshold)) < lif.surrogateWidth ? 1 : 0;
}
