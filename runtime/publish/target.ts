import type { MqttConfig, Secrets } from '../config/index.js';
import { isLoopback } from '../loopback.js';
import type { ProtocolVersion } from './attempts.js';
import type { LinkTarget } from './link.js';

/**
 * Where to connect to, from the configuration. `embeddedUrl` is where the embedded broker listens; it speaks MQTT 3.1.1
 * only, so nothing else is tried there.
 */
export function publishTarget(
  mqtt: MqttConfig,
  secrets: Secrets,
  embeddedUrl?: string,
): { target: LinkTarget; versions: readonly ProtocolVersion[] } {
  const embedded = mqtt.url === 'embedded';
  if (embedded && embeddedUrl === undefined)
    throw new Error('mqtt.url is embedded, but the embedded broker does not run; start it first');
  const target: LinkTarget = {
    url: embedded ? embeddedUrl! : mqtt.url,
    keepaliveS: mqtt.keepaliveS,
    rejectUnauthorized: mqtt.rejectUnauthorized,
    ...(embedded || mqtt.username === undefined ? {} : { username: mqtt.username }),
    ...(embedded || secrets.mqttPassword === undefined ? {} : { password: secrets.mqttPassword }),
    ...(secrets.ca === undefined ? {} : { ca: secrets.ca }),
    ...(secrets.cert === undefined ? {} : { cert: secrets.cert }),
    ...(secrets.key === undefined ? {} : { key: secrets.key }),
  };
  if (embedded) return { target, versions: [4] };
  return { target, versions: mqtt.version === 'auto' ? [5, 4] : [mqtt.version] };
}

/** Whether messages and password cross a network that others can read. */
export function isExposed(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return (protocol === 'mqtt:' || protocol === 'ws:') && !isLoopback(hostname);
}
