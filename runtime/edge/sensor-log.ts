import type { SensorStatus } from '../../devices/index.js';
import type { SensorConfig } from '../config/index.js';
import type { Logger } from '../log/index.js';

/** Tells that a sensor has another state than before; the end of a recording is no fault. */
export function logSensor(
  log: Logger,
  sensor: string,
  { transport }: Pick<SensorConfig, 'transport'>,
  { state, reason, warnings }: SensorStatus,
  before: SensorStatus | undefined,
): void {
  if (before?.state === state) return;
  const isFine = state === 'online' || (state === 'absent' && transport.kind === 'replay');
  const level = isFine && !warnings ? 'info' : 'warn';
  log[level]({ sensor, reason, ...(warnings && { warnings }) }, `sensor is ${state}`);
}
