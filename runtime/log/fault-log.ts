import type { Logger } from './log.js';

/** Tells a fault, with facts about where it was. */
export type TellFault = (error: unknown, facts?: object) => void;

/**
 * Tells faults that may come with every message or window. Each is worth one line, and the next one when it is another;
 * the rest are debug lines.
 * @param message what it keeps from being done
 */
export function faultLog(log: Logger, message: string): TellFault {
  let told: string | undefined;
  return (error, facts = {}) => {
    const isKnown = String(error) === told;
    told = String(error);
    log[isKnown ? 'debug' : 'error']({ err: error, ...facts }, message);
  };
}
