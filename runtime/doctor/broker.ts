/** Whether messages will find their broker. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Config, Secrets } from '../config/index.js';
import { isExposed, publishTarget, type Reached, reachBroker } from '../publish/index.js';
import { type Finding, findingsOf } from './finding.js';

const { ok, warn, fail } = findingsOf('broker');

export async function checkBroker(config: Config, secrets: Secrets): Promise<Finding[]> {
  const { mqtt, broker, edge } = config;
  if (mqtt.url === 'embedded') return [await checkEmbedded(broker.host, broker.port)];
  const reached = await reachBroker(publishTarget(mqtt, secrets), `whorl-${edge.id}-doctor-${process.pid}`);
  const findings = [judge(mqtt.url, reached)];
  if (isExposed(mqtt.url))
    findings.push(
      warn(`${mqtt.url} crosses the network unencrypted`, 'use mqtts:// where others share the network'),
    );
  return findings;
}

function judge(url: string, reached: Reached): Finding {
  if ('version' in reached) return ok(`${url} lets us in, MQTT ${reached.version === 5 ? '5' : '3.1.1'}`);
  return fail(`${url}: ${reached.reason}`, remedies[reached.cause]);
}

const remedies: Readonly<Record<Exclude<Reached, { version: unknown }>['cause'], string>> = {
  unreachable: 'start the broker, or correct mqtt.url; is there a network, and no firewall in between?',
  refused:
    'correct mqtt.username and the password (mqtt.passwordFile, WHORL_MQTT_PASSWORD), or allow them at the broker',
  version: 'set mqtt.version to what the broker speaks',
  closed: 'see the log of the broker: it hung up without a word; a TLS port needs mqtts://',
  lost: 'see the log of the broker',
  'hung-up': 'see the log of the broker',
  taken: 'see the log of the broker: another client has our client id',
};

/** The port of the embedded broker must be free, or be that of a whorl that runs. */
async function checkEmbedded(host: string, port: number): Promise<Finding> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return ok(`the embedded broker can listen on ${host}:${port}`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      return warn(
        `${host}:${port} is in use`,
        'fine if whorl runs already; otherwise set broker.port, or mqtt.url to the broker there',
      );
    return fail(
      `the embedded broker cannot listen on ${host}:${port}: ${message}`,
      'correct broker.host and broker.port',
    );
  } finally {
    server.close();
  }
}
