import { resolve } from 'node:path';
import type { Config } from './schema.js';

/** The configuration with all file names absolute; relative ones count from `folder`, that of the file. */
export function resolvePaths(config: Config, folder: string): Config {
  const at = (path: string): string => resolve(folder, path);
  const atOr = (name: string): string => (isFile(name) ? at(name) : name);
  const copy = structuredClone(config);
  for (const key of ['passwordFile', 'caFile', 'certFile', 'keyFile'] as const) {
    const path = copy.mqtt[key];
    if (path !== undefined) copy.mqtt[key] = at(path);
  }
  for (const key of ['store', 'incoming', 'httpsCaFile'] as const) {
    const path = copy.models[key];
    if (path !== undefined) copy.models[key] = at(path);
  }
  copy.models.keys = copy.models.keys.map(at);
  if (copy.record.folder !== undefined) copy.record.folder = at(copy.record.folder);
  for (const sensor of Object.values(copy.sensors)) {
    sensor.geometry = atOr(sensor.geometry);
    const { driver } = sensor;
    if (driver !== undefined && 'calibration' in driver && driver.calibration !== undefined)
      driver.calibration = at(driver.calibration);
    if (sensor.transport.kind === 'replay') sensor.transport.file = at(sensor.transport.file);
  }
  for (const pipeline of Object.values(copy.pipelines)) pipeline.model = atOr(pipeline.model);
  return copy;
}

/** Whether a geometry or a model is a file (it has a slash or an ending) and not the name of a built-in one. */
export function isFile(name: string): boolean {
  return /[/\\]|\.(json|safetensors)$/.test(name);
}
