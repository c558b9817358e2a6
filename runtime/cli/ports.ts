import type { Command } from 'commander';
import { describePort, listPorts } from '../../devices/index.js';
import { examples } from './examples.js';
import { optionHelp } from './options.js';

export function define(command: Command): void {
  command.option('--json', optionHelp.json).action(run);
  examples(command, [['whorl ports', 'each port, what is probably behind it, and the name to configure']]);
}

async function run(options: { json?: true }): Promise<void> {
  const { ports, note } = await listPorts();
  if (options.json) {
    console.log(JSON.stringify({ ports, ...(note === undefined ? {} : { note }) }));
    return;
  }
  if (ports.length === 0) console.log('no serial ports found: is the sensor plugged in?');
  for (const port of ports) {
    console.log(`${port.path.padEnd(16)} ${describePort(port)}`);
    if (port.stablePath !== undefined)
      console.log(`${''.padEnd(16)} name that survives replugging: ${port.stablePath}`);
  }
  if (note !== undefined) console.error(`note: ${note}`);
}
