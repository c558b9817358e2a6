/** What an edge says of itself in `info`. */
import { readFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import type { Measurement } from '../../models/index.js';
import { type Config, configHash } from '../config/index.js';
import type { LoadedModel } from '../inference/index.js';
import { DELIVERY, type InfoBody } from '../publish/index.js';
import { driverKind } from '../sensor-driver.js';
import type { SensorPlan } from '../sensors.js';
import { version } from '../version.js';
import { backendOf } from './backend.js';

/** @param running the pipelines by name; their models are known once they are loaded */
export function infoBody(
  config: Config,
  plans: readonly SensorPlan[],
  startedUs: number,
  running: ReadonlyMap<string, { readonly model: LoadedModel | undefined }> = new Map(),
): InfoBody {
  return {
    versions: { whorl: version, node: process.versions.node },
    host: { platform: platform(), arch: arch(), boot_id: bootId() },
    started_us: startedUs,
    config_hash: configHash(config),
    backend: backendOfAll(running.values()),
    sensors: plans.map(({ name, config: sensor, geometry }) => ({
      name,
      transport: sensor.transport.kind,
      codec: driverKind(sensor),
      geometry: geometry.id,
      taxels: geometry.taxels.length,
    })),
    pipelines: Object.entries(config.pipelines).map(([name, { sensors, window, engine }]) => ({
      name,
      sensors,
      window: window.kind,
      engine: engine.name,
      ...enginesOf(running.get(name)?.model),
    })),
    schemas: Object.values(DELIVERY).map(({ schema }) => schema),
  };
}

/** `gpu` when one of the pipelines computes there. */
function backendOfAll(running: Iterable<{ readonly model: LoadedModel | undefined }>): InfoBody['backend'] {
  return [...running].some(({ model }) => model && backendOf(model) === 'gpu') ? 'gpu' : 'cpu';
}

/** What runs the model of a pipeline, and what `engine: auto` chose it from. */
function enginesOf(model: LoadedModel | undefined): Partial<InfoBody['pipelines'][number]> {
  if (model === undefined) return {};
  const running = `${model.engine} ${model.mode}`;
  const { choice } = model;
  return choice === undefined ? { running } : { running, engines: choice.table.map(engineRow) };
}

/** One row of the measured table, short enough for a log line. */
export function engineRow({ engine, mode, msPerWindow, reason }: Measurement): string {
  return `${engine} ${mode}: ${msPerWindow === undefined ? (reason ?? 'not measured') : `${msPerWindow.toFixed(3)} ms`}`;
}

/** Changes with every start of the machine; on systems that do not tell, empty. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
