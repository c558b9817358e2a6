import type { Config, Secrets } from '../config/index.js';
import { type LinkTarget, publishTarget } from '../publish/index.js';
import { CliError, exitCodes } from './exit.js';

/** The broker by which gateway and workers meet. Throws `CliError` when it is one that cannot be. */
export function workBroker({ mqtt }: Config, secrets: Secrets): LinkTarget {
  const needs = 'gateway and workers need a broker that speaks MQTT 5, such as Mosquitto 2';
  if (mqtt.url === 'embedded')
    throw new CliError(
      `${needs}; the embedded one does not: set mqtt.url, e.g. --set mqtt.url=mqtt://localhost:1883`,
      exitCodes.usage,
    );
  if (mqtt.version === 4) throw new CliError(`${needs}: set mqtt.version to 5 or auto`, exitCodes.usage);
  return publishTarget(mqtt, secrets).target;
}
