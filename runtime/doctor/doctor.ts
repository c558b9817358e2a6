/** All checks in one: whether this machine can do what the configuration asks. */
import type { Config, Secrets } from '../config/index.js';
import { checkBroker } from './broker.js';
import { checkClock } from './clock.js';
import { checkEngines } from './engines.js';
import { type Finding, findingsOf, messageOf } from './finding.js';
import { checkFolders } from './folders.js';
import { checkModels } from './models.js';
import { checkPorts } from './ports.js';
import { checkStore } from './store.js';

/** Runs every check, and yields its findings when it is done; a check that breaks is a finding, too. */
export async function* examine(config: Config, secrets: Secrets): AsyncGenerator<Finding> {
  const checks: readonly (readonly [name: string, check: () => Promise<Finding[]>])[] = [
    ['ports', () => checkPorts(config)],
    ['engines', () => checkEngines(config)],
    ['models', () => checkModels(config)],
    ['store', () => checkStore(config, secrets)],
    ['folders', () => checkFolders(config)],
    ['broker', () => checkBroker(config, secrets)],
    ['clock', () => checkClock()],
  ];
  for (const [name, check] of checks) {
    yield* await check().catch((error: unknown) => [
      findingsOf(name).fail(`could not be checked: ${messageOf(error)}`, 'please report it, with this line'),
    ]);
  }
}
