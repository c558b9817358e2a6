/** By which an answer finds its window: the session of the gateway and the number of the window in it. */

const PATTERN = /^([0-9a-f]{8}):(0|[1-9][0-9]{0,15})$/;

export interface Correlation {
  /** Eight hexadecimal digits, new with each start of the gateway. */
  readonly session: string;
  readonly sequence: number;
}

export function writeCorrelation({ session, sequence }: Correlation): Buffer {
  return Buffer.from(`${session}:${sequence}`);
}

/** Undefined for what is none. */
export function readCorrelation(bytes: Uint8Array | undefined): Correlation | undefined {
  if (bytes === undefined || bytes.length > 32) return undefined;
  const match = PATTERN.exec(Buffer.from(bytes).toString('latin1'));
  return match === null ? undefined : { session: match[1]!, sequence: Number(match[2]) };
}
