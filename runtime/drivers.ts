/** The drivers that a port can be probed with: those that need to know nothing of the sensor to hear that it is theirs. */
import { createDriver, type Driver } from '../devices/index.js';

export interface DriverEntry {
  /** As `driver.kind` in the configuration. */
  readonly name: string;
  /** Rates that sensors of this kind have, the likeliest first; USB devices without a line take any. */
  readonly baudRates: readonly number[];
  readonly create: () => Driver;
}

/** Levels are decoded and looked at no further: a probe only wants to know whether they are in the format. */
const threshold = Number.MAX_SAFE_INTEGER;

/** A matrix is not among them: without its rows and columns, no format of it can be told from noise. */
export const drivers: readonly DriverEntry[] = [
  {
    name: 'tef',
    baudRates: [1_000_000, 921_600, 2_000_000, 115_200],
    create: () => createDriver({ kind: 'tef' }),
  },
  {
    name: 'edvs',
    baudRates: [12_000_000, 8_000_000, 4_000_000, 2_000_000],
    create: () => createDriver({ kind: 'edvs' }),
  },
  { name: 'agni-sp', baudRates: [115_200], create: () => createDriver({ kind: 'agni-sp', threshold }) },
  { name: 'anyskin', baudRates: [115_200], create: () => createDriver({ kind: 'anyskin', threshold }) },
  {
    name: 'contactile-pts',
    baudRates: [115_200],
    create: () => createDriver({ kind: 'contactile-pts', threshold }),
  },
];
