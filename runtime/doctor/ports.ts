/** Whether the serial ports are there, may be opened and hand bytes on at once. */
import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { describePort, listPorts, type PortInfo, portFacts, portResolver } from '../../devices/index.js';
import type { Config } from '../config/index.js';
import { accessError } from './access.js';
import { type Finding, findingsOf, messageOf } from './finding.js';

const { ok, warn, fail } = findingsOf('ports');

/** An FTDI chip that holds bytes back for longer is worth a word, milliseconds. */
const fineTimerMs = 1;

/** How the machine is asked; tests have one of their own. */
export interface PortSystem {
  readonly list: typeof listPorts;
  /** Code of the error with which reading and writing is refused; undefined: it is not. */
  readonly accessError: (path: string) => Promise<string | undefined>;
}

const thisSystem: PortSystem = { list: listPorts, accessError };

/** Ports of the configuration first, each with its sensor, then what else is plugged in. */
export async function checkPorts(config: Config, system = thisSystem): Promise<Finding[]> {
  const { ports, note } = await system.list();
  const findings: Finding[] = [];
  const used = new Set<string>();
  for (const [name, { transport, enabled }] of Object.entries(config.sensors)) {
    if (!enabled || transport.kind !== 'serial') continue;
    try {
      const path = await portResolver(transport, async () => ({ ports }))();
      const facts = await portFacts(path);
      used.add(ports.find((port) => [port.path, port.byId, port.byPath].includes(path))?.path ?? path);
      findings.push(...(await checkPort({ path, ...facts }, `sensor ${name}: `, true, system)));
    } catch (error) {
      findings.push(
        fail(`sensor ${name}: ${messageOf(error)}`, "plug it in, or take a name that 'whorl ports' lists"),
      );
    }
  }
  for (const port of ports.filter(({ path }) => !used.has(path)))
    findings.push(...(await checkPort(port, '', false, system)));
  if (findings.length === 0) findings.push(ok('no serial ports here, and none configured'));
  if (note !== undefined) findings.push(warn(note, 'nothing, if the names of the ports suffice'));
  return findings;
}

/** @param needed whether a sensor is configured on it, so that it must work */
async function checkPort(
  port: PortInfo,
  who: string,
  needed: boolean,
  { accessError }: PortSystem,
): Promise<Finding[]> {
  const { path, latencyTimerMs } = port;
  const told = needed ? fail : warn;
  const code = await accessError(path);
  if (code === 'ENOENT')
    return [
      told(`${who}${path} is not there`, "plug the sensor in, or take a name that 'whorl ports' lists"),
    ];
  if (code !== undefined) return [told(`${who}${path} may not be opened (${code})`, await remedyFor(path))];
  const findings = [ok(`${who}${path} may be opened: ${describePort(port)}`)];
  if (latencyTimerMs !== undefined && latencyTimerMs > fineTimerMs)
    findings.push(
      warn(
        `${who}${path}: the FTDI chip holds bytes back for up to ${latencyTimerMs} ms until it is told otherwise`,
        'install the udev rule 60-whorl.rules (runtime/deploy); lowLatency: true asks for 1 ms while the port is open',
      ),
    );
  return findings;
}

/**
 * What opens a port to a user: its group, or a new login when the user is in it since lately.
 * @param gid group of the device file
 * @param groups text of /etc/group
 */
export function permissionRemedy(gid: number, groups: string, user: string): string {
  const entries = groups.split('\n').map((line) => line.split(':'));
  const [group, , , members = ''] = entries.find(([, , id]) => Number(id) === gid) ?? [];
  if (group === undefined || gid === 0)
    return 'install the udev rule 60-whorl.rules (runtime/deploy), which gives the port a group';
  if (members.split(',').includes(user))
    return `you are in its group ${group} since this login: log in again`;
  return `'sudo usermod -aG ${group} ${user}', then log in again`;
}

async function remedyFor(path: string): Promise<string> {
  const { gid } = await stat(path);
  return permissionRemedy(gid, await readFile('/etc/group', 'utf8').catch(() => ''), userInfo().username);
}
