import type { ModelStore } from './store.js';

/** What a daemon asks of a store, wherever that lives. */
export type StorePort = Pick<
  ModelStore,
  'open' | 'add' | 'verify' | 'remove' | 'select' | 'list' | 'selections' | 'serving'
>;

export type StoreCall = keyof StorePort;

export const storeCalls: readonly StoreCall[] = [
  'open',
  'add',
  'verify',
  'remove',
  'select',
  'list',
  'selections',
  'serving',
];

/** Options of a store that can be sent to another thread: keys are PEM texts. */
export interface StoreSettings {
  readonly folder: string;
  readonly keys: readonly string[];
  readonly requireSignature: boolean;
  readonly maxBytes: number;
}

/** A call of a store in another thread, and its answer. */
export interface StoreRequest {
  readonly ticket: number;
  readonly call: StoreCall;
  readonly args: readonly unknown[];
}

export type StoreReply =
  | { readonly ticket: number; readonly value: unknown }
  | {
      readonly ticket: number;
      /** Errors of the system, and refusals, have a code. */
      readonly error: { readonly code?: string; readonly what: string };
    };
