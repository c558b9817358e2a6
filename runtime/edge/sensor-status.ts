import type { SensorStatus } from '../../devices/index.js';
import type { SensorConfig } from '../config/index.js';
import type { SensorStatusBody } from '../publish/index.js';

/** The status message of a sensor. While it connects it counts as absent: nothing can come from it. */
export function sensorStatusBody(
  sensor: string,
  config: SensorConfig,
  status: SensorStatus,
): SensorStatusBody {
  const { state, reason, identity, warnings } = status;
  return {
    sensor,
    status: state === 'connecting' ? 'absent' : state,
    ...(reason === '' ? {} : { reason }),
    ...(warnings === undefined ? {} : { warnings: [...warnings] }),
    identity: {
      transport: config.transport.kind,
      address: addressOf(config),
      ...usbOf(config),
      ...(identity?.uid === undefined ? {} : { serial: identity.uid }),
      ...(identity?.name === undefined ? {} : { device: identity.name }),
      ...(identity?.firmware === undefined ? {} : { firmware: identity.firmware }),
      ...(identity?.taxels === undefined ? {} : { taxels: identity.taxels }),
      geometry: config.geometry,
    },
  };
}

function usbOf({ transport }: SensorConfig): { vendor_id?: string; product_id?: string } {
  const [vendor, product] = transport.kind === 'serial' ? (transport.usb?.split(':') ?? []) : [];
  return vendor === undefined || product === undefined ? {} : { vendor_id: vendor, product_id: product };
}

function addressOf({ transport }: SensorConfig): string {
  switch (transport.kind) {
    case 'serial':
      return transport.path ?? transport.usb ?? `uid ${transport.uid}`;
    case 'tcp':
      return `${transport.host}:${transport.port}`;
    case 'replay':
      return transport.file;
    case 'simulator':
      return `seed ${transport.seed}`;
  }
}
