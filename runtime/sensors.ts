/** From a sensor in the configuration to an open sensor. */
import {
  type Geometry,
  memoryPair,
  openSensor,
  readGeometry,
  replayTransport,
  type Sensor,
  type SensorListener,
  SimulatedDevice,
  serialTransport,
  simulateSequence,
  type TransportFactory,
  tcpTransport,
  tefDriver,
} from '../devices/index.js';
import type { SensorConfig, TransportConfig } from './config/index.js';

/** A sensor that is configured and ready to be opened. */
export interface SensorPlan {
  readonly name: string;
  readonly config: SensorConfig;
  readonly geometry: Geometry;
  readonly transport: TransportFactory;
}

/** Reads the geometry and chooses the transport. Rejects with `GeometryError` when the geometry cannot be used. */
export async function planSensor(
  name: string,
  config: SensorConfig,
  transport?: TransportFactory,
): Promise<SensorPlan> {
  const geometry = await readGeometry(config.geometry);
  return { name, config, geometry, transport: transport ?? transportOf(config.transport, geometry) };
}

/** Opens a planned sensor; what goes wrong is told to the listener, never thrown. */
export function openPlanned({ config, geometry, transport }: SensorPlan, listener: SensorListener): Sensor {
  const { tickNs, silentAfterMs } = config;
  return openSensor(
    {
      transport,
      driver: tefDriver({ taxels: geometry.taxels.length, ...(tickNs === undefined ? {} : { tickNs }) }),
      once: config.transport.kind === 'replay',
      settings: { reopenMs: silentAfterMs },
    },
    listener,
  );
}

/** A transport whose far end is a simulated device in this process; the device lives on when the link is lost. */
export function deviceTransport(device: SimulatedDevice, name: string): TransportFactory {
  return () => {
    const [near, far] = memoryPair({ name });
    device.serve(far).catch(() => {}); // the near end sees the link fail
    return near;
  };
}

function transportOf(config: TransportConfig, geometry: Geometry): TransportFactory {
  switch (config.kind) {
    case 'serial':
      return serialTransport(config);
    case 'tcp':
      return tcpTransport(config);
    case 'replay':
      return replayTransport({ path: config.file, speed: speedOf(config.speed) });
    case 'simulator':
      return simulatorTransport(config, geometry);
  }
}

function simulatorTransport(
  config: Extract<TransportConfig, { kind: 'simulator' }>,
  geometry: Geometry,
): TransportFactory {
  const { seed, contacts, count } = config;
  const sequence = simulateSequence({
    geometry,
    seed,
    kinds: contacts,
    ...(count === undefined ? {} : { count }),
  });
  const source = (function* () {
    for (const { events } of sequence) yield events;
  })();
  return deviceTransport(
    new SimulatedDevice({ geometry, source, speed: speedOf(config.speed) }),
    'simulator',
  );
}

/** In the configuration 0 stands for "as fast as possible", because YAML has no convenient infinity. */
function speedOf(speed: number): number {
  return speed === 0 ? Number.POSITIVE_INFINITY : speed;
}
