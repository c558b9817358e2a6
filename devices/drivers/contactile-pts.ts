import { PtsDecoder, type PtsDecoderOptions } from '../codec/contactile-pts.js';
import type { Driver } from '../session/driver.js';
import { frameDriver, type LevelOptions } from './frame-driver.js';

/** Frames a second that a hub can be asked for. */
export const ptsRates = [100, 250, 500, 1000] as const;
export type PtsRate = (typeof ptsRates)[number];

export interface PtsDriverOptions extends PtsDecoderOptions, LevelOptions {
  /** Frames a second to ask for. Default: as the hub is set. */
  readonly rate?: PtsRate;
  /** Ask the hub to take what it measures now as zero, which takes about 2 s: nothing may touch it. Default false. */
  readonly bias?: boolean;
  /** Switch the hub's own slip detection on or off. Default: as the hub is set. */
  readonly slipDetection?: boolean;
}

/** What a hub can be told. */
export function ptsCommands({ rate, bias = false, slipDetection }: PtsDriverOptions): Uint8Array {
  const slip = slipDetection === undefined ? '' : slipDetection ? 'S\n' : 's\n';
  const text = `${rate === undefined ? '' : `f${rate}\n`}${bias ? 'z\n' : ''}${slip}`;
  return new TextEncoder().encode(text);
}

/** The driver for Contactile's PapillArray hubs (PTS v2.0). They stream by themselves, with a clock and numbered frames. */
export function ptsDriver(options: PtsDriverOptions): Driver {
  const decoder = new PtsDecoder(options);
  const commands = ptsCommands(options);
  const start = commands.length > 0 ? { start: () => commands } : {};
  return frameDriver({ name: 'contactile-pts', taxels: decoder.taxels, decoder, ...start }, options);
}
