import type { SensorStatus } from '../../devices/index.js';
import type { SensorConfig } from '../config/index.js';
import type { SensorStatusBody } from '../publish/index.js';

/** The status message of a sensor. While it connects it counts as absent: nothing can come from it. */
export function sensorStatusBody(
  sensor: string,
  config: SensorConfig,
  status: SensorStatus,
): SensorStatusBody {
  const { state, reason, identity } = status;
  return {
    sensor,
    status: state === 'connecting' ? 'absent' : state,
    ...(reason === '' ? {} : { reason }),
    identity: {
      transport: config.transport.kind,
      address: addressOf(config),
      ...(identity?.uid === undefined ? {} : { serial: identity.uid }),
      ...(identity?.name === undefined ? {} : { device: identity.name }),
      ...(identity?.firmware === undefined ? {} : { firmware: identity.firmware }),
      ...(identity?.taxels === undefined ? {} : { taxels: identity.taxels }),
      geometry: config.geometry,
    },
  };
}

function addressOf({ transport }: SensorConfig): string {
  switch (transport.kind) {
    case 'serial':
      return transport.path;
    case 'tcp':
      return `${transport.host}:${transport.port}`;
    case 'replay':
      return transport.file;
    case 'simulator':
      return `seed ${transport.seed}`;
  }
}
