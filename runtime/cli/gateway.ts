import type { Command } from 'commander';
import type { Config } from '../config/index.js';
import type { ServiceParts } from '../daemon-options.js';
import { RemoteService } from '../scale/index.js';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';
import { runDaemon } from './daemon-process.js';
import { examples } from './examples.js';
import { workBroker } from './work-broker.js';

export function define(command: Command): void {
  configOptions(command)
    .addHelpText(
      'after',
      `
whorl run, but for the networks: its windows go to workers (whorl worker) over the broker, and their
answers come back and are published on the same topics. Needs a broker that speaks MQTT 5. A window
that is not answered in time is sent again (scale.retryMs, scale.attempts). Answers come for whole
windows only. Without a worker the edge is "degraded".`,
    )
    .action(run);
  examples(command, [
    ['whorl gateway --config whorl.yaml', 'sensors here, networks elsewhere'],
    ['whorl gateway --config whorl.yaml --set scale.inFlight=8', 'for more than four workers'],
  ]);
}

async function run(options: ConfigOptions): Promise<void> {
  const loaded = loadConfiguration(options);
  const target = workBroker(loaded.config, loaded.secrets);
  await runDaemon(loaded, { service: (parts) => remoteService(parts, loaded.config, target) });
}

function remoteService(
  parts: ServiceParts,
  { edge, mqtt, scale }: Config,
  target: ReturnType<typeof workBroker>,
): RemoteService {
  const { retryMs, attempts, inFlight } = scale;
  return new RemoteService({
    ...parts,
    ...{ log: parts.log.child({ part: 'work' }), target, random: Math.random, reconnect: mqtt.reconnect },
    ...{ edge: edge.id, baseTopic: mqtt.baseTopic, retryMs, attempts, inFlight },
  });
}
