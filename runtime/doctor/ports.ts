/** Whether the serial ports are there, may be opened and hand bytes on at once. */
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { describePort, listPorts, type PortInfo, portFacts, portResolver } from '../../devices/index.js';
import type { Config } from '../config/index.js';
import { type Finding, findingsOf, messageOf } from './finding.js';

const { ok, warn, fail } = findingsOf('ports');

/** An FTDI chip that holds bytes back for longer is worth a word, milliseconds. */
const fineTimerMs = 1;

/** Ports of the configuration first, each with its sensor, then what else is plugged in. */
export async function checkPorts(config: Config, list: typeof listPorts = listPorts): Promise<Finding[]> {
  const { ports, note } = await list();
  const findings: Finding[] = [];
  const used = new Set<string>();
  for (const [name, { transport, enabled }] of Object.entries(config.sensors)) {
    if (!enabled || transport.kind !== 'serial') continue;
    try {
      const path = await portResolver(transport, async () => ({ ports }))();
      const facts = await portFacts(path);
      used.add(ports.find((port) => [port.path, port.byId, port.byPath].includes(path))?.path ?? path);
      findings.push(...(await checkPort({ path, ...facts }, `sensor ${name}: `, true)));
    } catch (error) {
      findings.push(
        fail(`sensor ${name}: ${messageOf(error)}`, "plug it in, or take a name that 'whorl ports' lists"),
      );
    }
  }
  for (const port of ports.filter(({ path }) => !used.has(path)))
    findings.push(...(await checkPort(port, '', false)));
  if (findings.length === 0) findings.push(ok('no serial ports here, and none configured'));
  if (note !== undefined) findings.push(warn(note, 'nothing, if the names of the ports suffice'));
  return findings;
}

/** @param needed whether a sensor is configured on it, so that it must work */
async function checkPort(port: PortInfo, who: string, needed: boolean): Promise<Finding[]> {
  const { path, latencyTimerMs } = port;
  const told = needed ? fail : warn;
  const code = await accessError(path);
  if (code === 'ENOENT')
    return [
      told(`${who}${path} is not there`, "plug the sensor in, or take a name that 'whorl ports' lists"),
    ];
  if (code !== undefined)
    return [told(`${who}${path} may not be opened (${code})`, await permissionRemedy(path))];
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

async function accessError(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? messageOf(error);
  }
}

/** What opens a port to this user: its group, or a new login when the user is in it since lately. */
export async function permissionRemedy(path: string, groupFile = '/etc/group'): Promise<string> {
  const { gid } = await stat(path);
  const groups = (await readFile(groupFile, 'utf8').catch(() => ''))
    .split('\n')
    .map((line) => line.split(':'));
  const [group, , , members = ''] = groups.find(([, , id]) => Number(id) === gid) ?? [];
  const { username } = userInfo();
  if (group === undefined || gid === 0)
    return 'install the udev rule 60-whorl.rules (runtime/deploy), which gives the port a group';
  if (members.split(',').includes(username))
    return `you are in its group ${group} since this login: log in again`;
  return `'sudo usermod -aG ${group} ${username}', then log in again`;
}
