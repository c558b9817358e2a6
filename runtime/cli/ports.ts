import type { Command } from 'commander';
import { describePort, listPorts } from '../../devices/index.js';

export function define(command: Command): void {
  command.option('--json', 'one JSON object on standard output and nothing else').action(run);
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
