import type { DecisionSpec } from './spec.js';

/** What the builders of all published networks want to know. */
export interface NetworkOptions {
  readonly name: string;
  readonly labels: readonly string[];
  /** Taxels of a finger. */
  readonly taxels: number;
  /** Fingers, stacked as channels (two polarities each). Absent: 1. */
  readonly fingers?: number;
  readonly bins: number;
  readonly binUs: number;
  /** Widths of the dense layers between input, or graph convolution, and output. Absent: as published. */
  readonly hidden?: readonly number[];
  /** Order in which the location branch visits the taxels (of each finger). Absent: in index order. */
  readonly locationOrder?: readonly number[];
  /** How the decision is made, where not as published. */
  readonly decision?: Partial<DecisionSpec>;
}
