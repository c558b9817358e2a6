import { AnyskinDecoder, type AnyskinDecoderOptions } from '../codec/anyskin.js';
import type { Driver } from '../session/driver.js';
import { frameDriver, type LevelOptions } from './frame-driver.js';

export interface AnyskinDriverOptions extends AnyskinDecoderOptions, LevelOptions {}

/** The driver for AnySkin and ReSkin in their binary format. They stream as soon as DTR is up, and have no clock. */
export function anyskinDriver(options: AnyskinDriverOptions): Driver {
  const decoder = new AnyskinDecoder(options);
  return frameDriver({ name: 'anyskin', taxels: decoder.taxels, decoder }, options);
}
