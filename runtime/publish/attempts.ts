/** MQTT 3.1.1 is protocol level 4. */
export type ProtocolVersion = 4 | 5;

/** How a connection, or an attempt at one, ended. */
export interface Ended {
  /**
   *   lost         it was up
   *   hung-up      it was up, and the broker closed it without a word: it stops, or (Mosquitto) another client has our id
   *   taken        it was up, and the broker says that another client has connected with our id (MQTT 5)
   *   unreachable  nobody answered, or TLS failed
   *   closed       the broker hung up before it said yes or no: some do when they do not know the version
   *   version      the broker does not speak this version
   *   refused      the broker does not want us: password, rights, client id, quota
   */
  readonly cause: 'lost' | 'hung-up' | 'taken' | 'unreachable' | 'closed' | 'version' | 'refused';
  /** In words, without secrets. */
  readonly reason: string;
  /** How long it was up; 0 when it never was. */
  readonly upMs: number;
}

export interface ReconnectPolicy {
  readonly minMs: number;
  readonly maxMs: number;
}

export interface Attempts {
  /** Attempts in a row without a connection that lasted. */
  readonly failures: number;
  /** Index into the versions to try. */
  readonly version: number;
}

export const FIRST_ATTEMPT: Attempts = { failures: 0, version: 0 };

/** A connection must last so long before its end counts as a first failure again. */
const LASTING_MS = 5000;
/** After a refusal only a change at the broker, or of another client, helps, so there is no hurry. */
export const REFUSED: ReconnectPolicy = { minMs: 5000, maxMs: 60_000 };

/**
 * What to do after a connection ended: when to try again, and with which of `versions` (best first).
 * @param random a number from 0 to 1 that spreads many clients of one broker
 */
export function afterEnd(
  attempts: Attempts,
  ended: Ended,
  versions: readonly ProtocolVersion[],
  policy: ReconnectPolicy,
  random: number,
): { attempts: Attempts; delayMs: number } {
  const failures = ended.upMs >= LASTING_MS ? 0 : attempts.failures;
  const retry = (version: number, by: ReconnectPolicy) => ({
    attempts: { failures: failures + 1, version },
    delayMs: backoffMs(failures, by, random),
  });
  const other = (attempts.version + 1) % versions.length;
  switch (ended.cause) {
    case 'lost':
    case 'hung-up':
    case 'unreachable':
      return retry(0, policy);
    case 'closed':
      return retry(other, policy);
    case 'refused':
    case 'taken':
      return retry(attempts.version, REFUSED);
    case 'version':
      return other > attempts.version
        ? { attempts: { failures: attempts.failures, version: other }, delayMs: 0 }
        : retry(0, REFUSED);
  }
}

/** minMs, doubled with each failure up to maxMs, less up to a half of it by chance. */
export function backoffMs(failures: number, { minMs, maxMs }: ReconnectPolicy, random: number): number {
  const longest = Math.min(maxMs, minMs * 2 ** Math.min(failures, 30));
  return longest * (1 - random / 2);
}
