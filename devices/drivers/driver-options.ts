import type { Driver } from '../session/driver.js';
import { type TefDriverOptions, tefDriver } from '../session/tef-driver.js';
import { type AgniDriverOptions, agniDriver } from './agni-sp.js';
import { type AnyskinDriverOptions, anyskinDriver } from './anyskin.js';
import { type PtsDriverOptions, ptsDriver } from './contactile-pts.js';
import { type EdvsDriverOptions, edvsDriver } from './edvs.js';
import { type IcubAeDriverOptions, icubAeDriver } from './icub-ae.js';
import { type MatrixDriverOptions, matrixDriver } from './matrix.js';

/** Which driver, and its options: a driver as data, e.g. of a configuration file. */
export type DriverOptions =
  | ({ readonly kind: 'tef' } & TefDriverOptions)
  | ({ readonly kind: 'edvs' } & EdvsDriverOptions)
  | ({ readonly kind: 'icub-ae' } & IcubAeDriverOptions)
  | FrameDriverOptions;

/** The drivers of sampled sensors, whose levels are encoded, and which can therefore be calibrated. */
export type FrameDriverOptions =
  | ({ readonly kind: 'matrix' } & MatrixDriverOptions)
  | ({ readonly kind: 'anyskin' } & AnyskinDriverOptions)
  | ({ readonly kind: 'contactile-pts' } & PtsDriverOptions)
  | ({ readonly kind: 'agni-sp' } & AgniDriverOptions);

export const frameDriverKinds = ['matrix', 'anyskin', 'contactile-pts', 'agni-sp'] as const;
export const driverKinds = ['tef', 'edvs', 'icub-ae', ...frameDriverKinds] as const;
export type DriverKind = (typeof driverKinds)[number];

/** Whether a driver encodes the levels of a sampled sensor. */
export function isFrameDriver<Options extends { readonly kind: DriverKind }>(
  options: Options,
): options is Options & { readonly kind: FrameDriverOptions['kind'] } {
  return frameDriverKinds.some((kind) => kind === options.kind);
}

/** The driver that is asked for. Throws RangeError when an option is out of its range. */
export function createDriver(options: DriverOptions): Driver {
  switch (options.kind) {
    case 'tef':
      return tefDriver(options);
    case 'edvs':
      return edvsDriver(options);
    case 'icub-ae':
      return icubAeDriver(options);
    case 'matrix':
      return matrixDriver(options);
    case 'anyskin':
      return anyskinDriver(options);
    case 'contactile-pts':
      return ptsDriver(options);
    case 'agni-sp':
      return agniDriver(options);
  }
}
