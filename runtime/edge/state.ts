/** What an edge says of itself as a whole. Pure. */
import type { SensorStatus } from '../../devices/index.js';

export interface EdgeReport {
  readonly status: 'starting' | 'ready' | 'degraded';
  /** Why it is degraded, one line each. */
  readonly reasons: readonly string[];
}

/**
 * `ready` when every pipeline runs and every sensor is online, `degraded` with every reason when one is not, and
 * `starting` as long as nothing is wrong but a sensor has not answered yet.
 * @param faults what is wrong with pipelines, one line each
 * @param sensors the last status of each sensor in which it did not just connect; undefined: it connects the first time
 */
export function edgeReport(
  faults: readonly string[],
  sensors: Iterable<readonly [name: string, status: SensorStatus | undefined]>,
): EdgeReport {
  const reasons = [...faults];
  let waiting = false;
  for (const [name, status] of sensors) {
    if (status === undefined) waiting = true;
    else if (status.state !== 'online') reasons.push(`sensor ${name} is ${status.state}: ${status.reason}`);
  }
  if (reasons.length > 0) return { status: 'degraded', reasons };
  return { status: waiting ? 'starting' : 'ready', reasons };
}

/** Pipelines that should run and do not, one line each: those that cannot be made, and those that have failed. */
export function pipelineFaults(
  refused: Iterable<readonly [name: string, reason: string]>,
  pipelines: Iterable<{ readonly name: string; readonly state: string; readonly reason: string }>,
): string[] {
  const failed = [...pipelines].filter(({ state }) => state === 'failed');
  const reasons = [...refused, ...failed.map(({ name, reason }) => [name, reason] as const)];
  return reasons.map(([name, reason]) => `pipeline ${name}: ${reason}`);
}

/** The fault of an edge whose id another process has, of that session. */
export function rivalFault(session: string | undefined): string[] {
  if (session === undefined) return [];
  return [
    `another whorl (session ${session}) serves this edge at the broker: give one of them another edge.id`,
  ];
}
