/** Which alerts stand: conditions with memory, so that an alert does not flicker. Pure. */
import type { AlertBody, HealthBody } from '../publish/index.js';
import { BROKER_WINDOW_S, type Condition, conditions } from './alert-rules.js';

/** What sums of fractions may be off. */
const ROUNDING = 1e-9;

interface Standing {
  /** 0: good for long enough; 1: bad for long enough. */
  readonly score: number;
  /** The alert, while it stands. */
  readonly alert: AlertBody | undefined;
}

/** What is remembered from one look to the next. */
export interface AlertState {
  readonly before: { readonly atUs: number; readonly health: HealthBody } | undefined;
  readonly standing: ReadonlyMap<string, Standing>;
  /** Lost connections at each look within `BROKER_WINDOW_S`, oldest first. */
  readonly brokerLosses: readonly { readonly atUs: number; readonly lost: number }[];
}

export const NO_ALERTS: AlertState = { before: undefined, standing: new Map(), brokerLosses: [] };

export interface AlertChange {
  readonly state: AlertState;
  readonly raised: readonly AlertBody[];
  readonly cleared: readonly string[];
}

/**
 * Takes a look. A condition that is bad fills up over its `raiseS` seconds, one that is good runs empty over its
 * `clearS`: an alert begins at the top and ends at the bottom, so that single good moments do not end it.
 * @param atUs monotonic time of the look @param wallUs the same on the wall clock, for `since_us`
 */
export function lookForAlerts(
  state: AlertState,
  health: HealthBody,
  recordings: ReadonlySet<string>,
  { atUs, wallUs }: { readonly atUs: number; readonly wallUs: number },
): AlertChange {
  const { before } = state;
  const elapsedS = before === undefined ? 0 : (atUs - before.atUs) / 1e6;
  const lost = health.mqtt.counters['lost'] ?? 0;
  const brokerLosses = [...state.brokerLosses, { atUs, lost }].filter(
    (look) => atUs - look.atUs <= BROKER_WINDOW_S * 1e6,
  );
  const looks = {
    now: health,
    before: before?.health,
    recordings,
    brokerLosses: lost - brokerLosses[0]!.lost,
  };
  const standing = new Map(
    conditions(looks).map((condition) => [
      condition.id,
      next(state.standing.get(condition.id), condition, elapsedS, wallUs),
    ]),
  );
  const stoodBefore = (id: string): boolean => state.standing.get(id)?.alert !== undefined;
  const alerts = standingAlerts({ standing });
  return {
    state: { before: { atUs, health }, standing, brokerLosses },
    raised: alerts.filter(({ id }) => !stoodBefore(id)),
    cleared: standingAlerts(state)
      .map(({ id }) => id)
      .filter((id) => standing.get(id)?.alert === undefined),
  };
}

/** The alerts that stand. */
export function standingAlerts({ standing }: Pick<AlertState, 'standing'>): AlertBody[] {
  return [...standing.values()].flatMap(({ alert }) => (alert === undefined ? [] : [alert]));
}

function next(
  before: Standing | undefined,
  condition: Condition,
  elapsedS: number,
  wallUs: number,
): Standing {
  const { id, severity, verdict, message, raiseS, clearS } = condition;
  let score = before?.score ?? 0;
  if (verdict === 'bad') score = raiseS === 0 ? 1 : Math.min(1, score + elapsedS / raiseS);
  if (verdict === 'good') score = clearS === 0 ? 0 : Math.max(0, score - elapsedS / clearS);
  const stands = score >= 1 - ROUNDING || (score > ROUNDING && before?.alert !== undefined);
  if (!stands) return { score, alert: undefined };
  return { score, alert: before?.alert ?? { id, severity, message, since_us: wallUs } };
}
