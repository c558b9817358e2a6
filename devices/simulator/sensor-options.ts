import { SendOnDelta } from '../encoder/send-on-delta.js';
import type { Geometry } from '../sensor/geometry.js';

/** The sensor that is simulated. */
export interface SensorOptions {
  readonly geometry: Geometry;
  /** Pressure change in kPa that makes an event, > 0. Default 1.5. */
  readonly thresholdKpa?: number;
  /** Standard deviation in kPa of the white noise of a reading, >= 0. Default 0.2. */
  readonly noiseKpa?: number;
  /** Standard deviation of the taxels' gains around 1, 0 .. 1. Default 0.1. */
  readonly gainSpread?: number;
  /** Events a second over the whole pad that nothing causes, >= 0. Default 5. */
  readonly backgroundHz?: number;
  /** Time between frames in microseconds, >= 50. Default 997: no frame falls on the edge of a bin of whole milliseconds. */
  readonly frameUs?: number;
  /** On which finger of a gripper it sits: 0 (default), or 1 on the other side of the object; see other-side.ts. */
  readonly finger?: Finger;
}

export type Finger = 0 | 1;

/** The same with every default filled in. Throws RangeError for a figure out of its range. */
export function sensorSettings(options: SensorOptions): Required<SensorOptions> {
  return {
    geometry: options.geometry,
    thresholdKpa: within('thresholdKpa', options.thresholdKpa ?? 1.5, 1e-6, 1e6),
    noiseKpa: within('noiseKpa', options.noiseKpa ?? 0.2, 0, 1e6),
    gainSpread: within('gainSpread', options.gainSpread ?? 0.1, 0, 1),
    backgroundHz: within('backgroundHz', options.backgroundHz ?? 5, 0, 1e6),
    frameUs: Math.round(within('frameUs', options.frameUs ?? 997, 50, 1e6)),
    finger: options.finger ?? 0,
  };
}

/**
 * The encoder of the simulated sensor: at most one event a taxel and frame, as from a sensor that signs its events in
 * time, taxels read one after the other, and half a threshold of hysteresis against the chatter of noise.
 */
export function sensorEncoder(sensor: Required<SensorOptions>): SendOnDelta {
  const { thresholdKpa, frameUs, geometry } = sensor;
  return new SendOnDelta({
    taxels: geometry.taxels.length,
    rise: thresholdKpa,
    fall: thresholdKpa,
    hysteresis: thresholdKpa / 2,
    scanUs: frameUs - 1,
  });
}

function within(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new RangeError(`${name} is ${value}; it must lie in ${min} .. ${max}`);
}
