/** What `whorl ctl` can ask of an edge, for its help page and its patience. The edge itself says more: `whorl ctl help`. */

export interface Verb {
  readonly name: string;
  readonly example: string;
  readonly about: string;
  /** Longest that the edge may take, in seconds; the usual time when left out. */
  readonly seconds?: number;
}

export const verbs: readonly Verb[] = [
  { name: 'help', example: 'help', about: 'what the edge can be told, with the keys of each command' },
  { name: 'trigger', example: 'trigger pipeline=on-command', about: 'opens a window now' },
  { name: 'log-level', example: 'log-level level=debug', about: 'until the next start' },
];
