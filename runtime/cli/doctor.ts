import type { Command } from 'commander';
import { examine } from '../doctor/doctor.js';
import type { Finding } from '../doctor/finding.js';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';
import { examples } from './examples.js';
import { exitCodes } from './exit.js';
import { optionHelp } from './options.js';

export function define(command: Command): void {
  configOptions(command)
    .option('--json', optionHelp.json)
    .addHelpText(
      'after',
      '\nLooks at permissions and latency of the serial ports, engines, models (with their self-test),\nmodel store, folders, broker and system clock. Each line is ok, warn or fail with what to do;\nends with 1 when one failed.',
    )
    .action(run);
  examples(command, [
    ['whorl doctor', 'this machine, with the defaults'],
    ['whorl doctor --config whorl.yaml', 'this machine and what your configuration needs'],
  ]);
}

async function run(options: ConfigOptions & { readonly json?: true }): Promise<void> {
  const { config, secrets } = loadConfiguration(options);
  const findings: Finding[] = [];
  for await (const finding of examine(config, secrets)) {
    findings.push(finding);
    if (!options.json) for (const line of lines(finding)) console.log(line);
  }
  const count = (level: Finding['level']): number => findings.filter((one) => one.level === level).length;
  const failed = count('fail');
  if (options.json) console.log(JSON.stringify({ ok: failed === 0, findings }));
  else console.log(`${count('ok')} ok, ${count('warn')} warnings, ${failed} failed`);
  if (failed > 0) process.exitCode = exitCodes.failed;
}

function lines({ check, level, text, remedy }: Finding): string[] {
  const head = `${level.padEnd(5)} ${check.padEnd(8)} ${text}`;
  return remedy === undefined ? [head] : [head, `${''.padEnd(14)} -> ${remedy}`];
}
