import type { Command } from 'commander';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';
import { runDaemon } from './daemon-process.js';
import { examples } from './examples.js';

export function define(command: Command): void {
  configOptions(command)
    .addHelpText(
      'after',
      `
Runs until SIGTERM or Ctrl-C, then publishes "offline" and ends within 5 s. An absent sensor or
broker and a broken model end nothing: they are told as the status of the edge.
SIGHUP reads the configuration file again: keys that are live take effect at once, all or none.
In a terminal (standard input or output is one at the start) SIGHUP means that it was closed, and
ends the daemon; 'whorl ctl reload' reads the file there.
A file to start from, with every key and its default: runtime/config/example.yaml`,
    )
    .action((options: ConfigOptions) => runDaemon(loadConfiguration(options)));
  examples(command, [
    ['whorl run --config whorl.yaml', 'the daemon as configured'],
    ['whorl run --config whorl.yaml --set log.level=debug', 'the same, and more to read'],
  ]);
}
