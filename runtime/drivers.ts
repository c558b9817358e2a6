/** The drivers that a port can be probed with. */
import { type Driver, tefDriver } from '../devices/index.js';

export interface DriverEntry {
  /** As `codec` in the configuration. */
  readonly name: string;
  /** Rates that sensors of this kind have, the likeliest first; USB devices without a line take any. */
  readonly baudRates: readonly number[];
  /** A driver that needs to know nothing of the sensor yet. */
  readonly create: () => Driver;
}

export const drivers: readonly DriverEntry[] = [
  { name: 'tef', baudRates: [1_000_000, 921_600, 2_000_000, 115_200], create: () => tefDriver() },
];
