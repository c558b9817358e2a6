#!/usr/bin/env node
/** The `whorl` command. Each command is a file; only the one that is asked for is loaded. */
import { Command, CommanderError, type OptionValues } from 'commander';
import { version } from '../version.js';
import { CliError, exitCodes } from './exit.js';

/** What each command file exports: options and help on the way in, the work itself as the action. */
export interface CommandModule {
  define(command: Command): void;
}

const commands: readonly (readonly [name: string, summary: string, load: () => Promise<CommandModule>])[] = [
  [
    'demo',
    'a simulated fingertip, classified and published, live in the terminal',
    () => import('./demo.js'),
  ],
  ['run', 'the daemon: sensors in, classifications over MQTT out', () => import('./run.js')],
  ['replay', 'recorded touch through the same pipeline as live touch', () => import('./replay.js')],
  ['train', 'train a model on the simulator or on your recordings', () => import('./train.js')],
  ['eval', 'accuracy and confusion matrix of a model on recordings', () => import('./eval.js')],
  [
    'inspect',
    'what is inside a model file, and whether it passes its self-test',
    () => import('./inspect.js'),
  ],
  [
    'simulate',
    'a simulated sensor on a serial port, pseudo-terminal or TCP port',
    () => import('./simulate.js'),
  ],
  ['ports', 'serial ports of this machine', () => import('./ports.js')],
  [
    'check-config',
    'every error in a configuration file, or the configuration in force',
    () => import('./check-config.js'),
  ],
];

const help = `
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
Every command tells its options: whorl help COMMAND.`;

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('whorl')
    .description('Tactile robotics edge runtime: event-driven touch in, classifications over MQTT out.')
    .version(version, '-V, --version', 'version of whorl')
    .helpOption('-h, --help', 'this page')
    .helpCommand('help [command]', 'options of a command')
    .addHelpText('after', help)
    .showSuggestionAfterError()
    .exitOverride();
  for (const [name, summary, load] of commands) {
    const command = program
      .command(name)
      .description(summary)
      .exitOverride()
      .helpOption('-h, --help', 'this page');
    if (argv.includes(name)) (await load()).define(command);
  }
  await program.parseAsync(argv, { from: 'user' });
}

function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return;
  }
  const known = error instanceof CliError || (error instanceof Error && error.name !== 'TypeError');
  console.error(known ? `whorl: ${(error as Error).message}` : error);
  process.exitCode = error instanceof CliError ? error.exitCode : exitCodes.failed;
}

export type { OptionValues };

main(process.argv.slice(2)).catch(fail);
