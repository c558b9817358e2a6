/** Times as decimal text, exact to the nanosecond, without a detour over a double of seconds. */

const decimal = /^(\d{1,20})(?:\.(\d*))?(?:e([+-]?\d{1,2}))?$/i;

/** A time: whole seconds, and nanoseconds below a second. */
export interface SplitTime {
  readonly seconds: number;
  readonly nanos: number;
}

/** Reads seconds such as `1583.000125`, rounded to the nanosecond; undefined for anything that is no such number. */
export function parseSeconds(text: string): SplitTime | undefined {
  return parseScaled(text, 0);
}

/** Reads microseconds such as `125.016`, rounded to the nanosecond. */
export function parseMicros(text: string): SplitTime | undefined {
  return parseScaled(text, -6);
}

/** @param power of ten that the number is multiplied by */
function parseScaled(text: string, power: number): SplitTime | undefined {
  const [, whole, fraction = '', exponent = '0'] = decimal.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = whole + fraction;
  const point = whole.length + power + Number(exponent);
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0');
  const at = Math.max(0, point);
  const rest = padded.slice(at).padEnd(10, '0');
  const nanos = Number(rest.slice(0, 9)) + (rest[9]! >= '5' ? 1 : 0);
  const seconds = Number(padded.slice(0, at) || '0');
  if (!Number.isSafeInteger(seconds * 1e6)) return undefined;
  return nanos === 1e9 ? { seconds: seconds + 1, nanos: 0 } : { seconds, nanos };
}

/** Microseconds since `originS`. */
export function microsSince(originS: number, { seconds, nanos }: SplitTime): number {
  return (seconds - originS) * 1e6 + nanos / 1000;
}

/** The time `tUs` microseconds after `originS`, rounded to the nanosecond. */
export function splitTime(originS: number, tUs: number): SplitTime {
  const whole = Math.floor(tUs / 1e6);
  const nanos = Math.round((tUs - whole * 1e6) * 1000);
  return nanos === 1e9 ? { seconds: originS + whole + 1, nanos: 0 } : { seconds: originS + whole, nanos };
}

/** Seconds with six decimals, or nine where there are nanoseconds. */
export function formatSeconds({ seconds, nanos }: SplitTime): string {
  const text = String(nanos).padStart(9, '0');
  return `${seconds}.${text.endsWith('000') ? text.slice(0, 6) : text}`;
}

/** Microseconds, with three decimals where there are nanoseconds. */
export function formatMicros({ seconds, nanos }: SplitTime): string {
  const below = nanos % 1000;
  const micros = seconds * 1e6 + (nanos - below) / 1000;
  return below === 0 ? String(micros) : `${micros}.${String(below).padStart(3, '0')}`;
}
