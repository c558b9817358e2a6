import type { Command } from 'commander';
import {
  describePort,
  guessDrivers,
  isBarePath,
  listPorts,
  type PortInfo,
  type ProbeResult,
  portFacts,
  probePort,
  serialTransport,
  stableNames,
} from '../../devices/index.js';
import { type DriverEntry, drivers } from '../drivers.js';
import { examples } from './examples.js';
import { number, optionHelp } from './options.js';
import { createProgress } from './progress.js';

interface Options {
  readonly probe?: true;
  readonly wait: number;
  readonly json?: true;
}

/** A port with all that is known or guessed of it. */
interface PortReport extends PortInfo {
  readonly guesses: ReturnType<typeof guessDrivers>;
  /** Lines for the configuration that name it whatever its number is. */
  readonly names: readonly string[];
  readonly probes?: readonly (ProbeResult & { readonly baudRate: number })[];
}

export function define(command: Command): void {
  command
    .argument('[path...]', 'only these ports; also such as are not listed, e.g. pseudo-terminals')
    .option('--probe', 'open each port and ask who is there, with every driver; this may reset a board')
    .option('--wait <s>', 'longest wait for an answer to one question', number(0.1, 60), 2)
    .option('--json', optionHelp.json)
    .action(run);
  examples(command, [
    ['whorl ports', 'each port, what is probably behind it, and the names to configure'],
    ['whorl ports --probe', 'and which sensor answers'],
    ['whorl ports --probe /dev/ttyUSB0 --wait 5', 'one port only, with patience'],
  ]);
}

async function run(paths: readonly string[], options: Options): Promise<void> {
  const { ports, note } = await listPorts();
  const wanted = paths.length === 0 ? ports : await Promise.all(paths.map((path) => portAt(path, ports)));
  const progress = createProgress('ports');
  const reports: PortReport[] = [];
  for (const [i, port] of wanted.entries()) {
    const report = { ...port, guesses: guessDrivers(port), names: stableNames(port, ports) };
    if (options.probe) progress.update(i / wanted.length, `probing ${port.path}`);
    reports.push(options.probe ? { ...report, probes: await probeAll(port, options.wait * 1000) } : report);
  }
  progress.end();
  if (options.json) console.log(JSON.stringify({ ports: reports, ...(note === undefined ? {} : { note }) }));
  else for (const line of reports.flatMap(portLines)) console.log(line);
  if (reports.length === 0 && !options.json) console.log('no serial ports found: is the sensor plugged in?');
  if (note !== undefined) console.error(`note: ${note}`);
}

async function portAt(path: string, ports: readonly PortInfo[]): Promise<PortInfo> {
  const listed = ports.find((port) => [port.path, port.byId, port.byPath].includes(path));
  return listed ?? { path, ...(await portFacts(path)) };
}

/** Every driver, the likeliest first, until a sensor says who it is; a port that cannot be opened is tried once. */
async function probeAll(port: PortInfo, waitMs: number): Promise<(ProbeResult & { baudRate: number })[]> {
  const results: (ProbeResult & { baudRate: number })[] = [];
  for (const entry of byLikelihood(port)) {
    for (const baudRate of ratesOf(port, entry)) {
      const transport = serialTransport({ path: port.path, baudRate });
      const result = { ...(await probePort({ transport, driver: entry.create(), waitMs })), baudRate };
      results.push(result);
      if (result.answer === 'identified' || result.answer === 'failed') return results;
      if (result.answer === 'fits') break;
    }
  }
  return results;
}

function byLikelihood(port: PortInfo): DriverEntry[] {
  const guesses = guessDrivers(port);
  const score = ({ name }: DriverEntry): number => guesses.find(({ driver }) => driver === name)?.score ?? 0;
  return [...drivers].sort((a, b) => score(b) - score(a));
}

/** The rate of a USB device without a line, or of a pseudo-terminal, means nothing. */
function ratesOf({ driver }: PortInfo, { baudRates }: DriverEntry): readonly number[] {
  return driver === undefined || driver === 'cdc_acm' ? baudRates.slice(0, 1) : baudRates;
}

function portLines(report: PortReport): string[] {
  const { path, guesses, names, probes } = report;
  const lines: [string, string][] = [];
  if (guesses.length > 0)
    lines.push(['perhaps', guesses.map(({ driver, score }) => `${driver} (${score})`).join(', ')]);
  for (const name of names) lines.push(['configure', name]);
  if (names.length === 0)
    lines.push([
      'configure',
      `path: ${path}${isBarePath(path) ? ' (it has no name that survives replugging)' : ''}`,
    ]);
  for (const probe of probes ?? []) lines.push(['answers', probeLine(probe)]);
  const indent = ''.padEnd(16);
  return [
    `${path.padEnd(16)} ${describePort(report)}`,
    ...lines.map(
      ([what, text], i) => `${indent} ${(lines[i - 1]?.[0] === what ? '' : what).padEnd(10)} ${text}`,
    ),
  ];
}

function probeLine({
  driver,
  baudRate,
  answer,
  identity,
  reason,
  accepted,
  discarded,
}: ProbeResult & { baudRate: number }): string {
  const asked = `${driver} at ${baudRate} baud: `;
  switch (answer) {
    case 'identified': {
      const { name, taxels, firmware, uid } = identity!;
      const parts = [
        name ?? driver,
        ...(taxels === undefined ? [] : [`${taxels} taxels`]),
        ...(firmware === undefined ? [] : [`firmware ${firmware}`]),
        ...(uid === undefined ? [] : [`uid: "${uid}" names it in the configuration, too`]),
      ];
      return asked + parts.join(', ');
    }
    case 'fits':
      return `${asked}what arrives is in this format (${accepted} bytes)`;
    case 'other':
      return `${asked}something else (${discarded} bytes are not in this format): another driver or another rate`;
    case 'silent':
      return `${asked}nothing`;
    case 'failed':
      return reason!;
  }
}
