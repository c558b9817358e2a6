/** From a sensor in the configuration to an open sensor. */
import {
  type Calibration,
  type Clock,
  type Driver,
  type Geometry,
  GeometryError,
  memoryPair,
  openSensor,
  rawFileTransport,
  readGeometry,
  replayTransport,
  type Sensor,
  type SensorListener,
  SimulatedDevice,
  serialTransport,
  simulateSequence,
  type TransportFactory,
  tcpTransport,
} from '../devices/index.js';
import type { SensorConfig, TransportConfig } from './config/index.js';
import { calibrationOf, driverOf } from './sensor-driver.js';

/** A sensor that is configured and ready to be opened. */
export interface SensorPlan {
  readonly name: string;
  readonly config: SensorConfig;
  readonly geometry: Geometry;
  /** Rest levels of a sampled sensor, if the configuration names a file of them. */
  readonly calibration?: Calibration;
  readonly transport: TransportFactory;
  /** A recording, which waits while windows do: none of it is dropped. */
  readonly lossless: boolean;
}

/**
 * Reads the geometry and the calibration, and chooses the transport; a transport that is given takes the place of the
 * configured one, and nothing of it is dropped. Rejects with `GeometryError` when the geometry cannot be used, and with an `Error` that names
 * the key when the driver cannot.
 */
export async function planSensor(
  name: string,
  config: SensorConfig,
  transport?: TransportFactory,
): Promise<SensorPlan> {
  const geometry = await usableGeometry(name, config);
  const calibration = await usableCalibration(name, config, geometry);
  return {
    name,
    config,
    geometry,
    ...(calibration === undefined ? {} : { calibration }),
    transport: transport ?? transportOf(config.transport, geometry),
    lossless: transport !== undefined || config.transport.kind === 'replay',
  };
}

/** Geometry of a sensor; an error names the key of the configuration that is wrong. */
async function usableGeometry(name: string, { geometry, taxels }: SensorConfig): Promise<Geometry> {
  const fault = (key: string, message: string): GeometryError =>
    new GeometryError([{ path: `sensors.${name}.${key}`, message }]);
  const found = await readGeometry(geometry).catch((error: Error) => {
    throw fault('geometry', error.message);
  });
  const { length } = found.taxels;
  if (taxels !== undefined && taxels !== length)
    throw fault('taxels', `is ${taxels}, but geometry ${found.id} has ${length} taxels`);
  return found;
}

/** Calibration of a sensor, if it has one; an error names the key of the configuration that is wrong. */
async function usableCalibration(
  name: string,
  config: SensorConfig,
  { id, taxels }: Geometry,
): Promise<Calibration | undefined> {
  let driver: Driver;
  let calibration: Calibration | undefined;
  try {
    calibration = await calibrationOf(name, config);
    driver = driverOf(config, taxels.length, calibration);
  } catch (error) {
    throw new Error(`sensors.${name}.driver: ${(error as Error).message}`, { cause: error });
  }
  if (driver.taxels === undefined || driver.taxels === taxels.length) return calibration;
  throw new GeometryError([
    {
      path: `sensors.${name}.geometry`,
      message: `${id} has ${taxels.length} taxels, but the driver ${driver.name} gives ${driver.taxels}; name a geometry file of as many`,
    },
  ]);
}

/** Opens a planned sensor, on the clock of the host if not on another; what goes wrong is told to the listener, never thrown. */
export function openPlanned(plan: SensorPlan, listener: SensorListener, clock?: Clock): Sensor {
  const { config, geometry, calibration, transport } = plan;
  const { silentAfterMs } = config;
  const uid = config.transport.kind === 'serial' ? config.transport.uid : undefined;
  return openSensor(
    {
      transport,
      driver: driverOf(config, geometry.taxels.length, calibration),
      ...(uid === undefined ? {} : { uid }),
      once: config.transport.kind === 'replay',
      settings: { reopenMs: silentAfterMs },
      ...(clock === undefined ? {} : { clock }),
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

/** The same for a device that plays a recording: it hangs up when all has been sent, as a capture ends. */
export function recordingTransport(device: SimulatedDevice, name: string): TransportFactory {
  return () => {
    const [near, far] = memoryPair({ name });
    device.serve(far).catch(() => {});
    void device.finished.then(() => far.close());
    return near;
  };
}

function transportOf(config: TransportConfig, geometry: Geometry): TransportFactory {
  return config.kind === 'simulator' ? simulatorTransport(config, geometry) : linkOf(config);
}

/** The way to a sensor that there is, or was. */
export function linkOf(config: Exclude<TransportConfig, { kind: 'simulator' }>): TransportFactory {
  switch (config.kind) {
    case 'serial':
      return serialTransport(config);
    case 'tcp':
      return tcpTransport(config);
    case 'replay':
      return config.raw
        ? rawFileTransport({ path: config.file })
        : replayTransport({ path: config.file, speed: speedOf(config.speed) });
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
