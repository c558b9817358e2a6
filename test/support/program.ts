import type { Command } from 'commander';
import { createProgram, readArguments } from '../../runtime/cli/commands.js';

/** A command and all those below it. */
export function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** The command, perhaps of a group, that these words call, and the words behind its name; undefined when there is none. */
export async function calledCommand(
  words: readonly string[],
): Promise<{ command: Command; path: string; args: string[] } | undefined> {
  let command: Command | undefined = await createProgram(readArguments(words));
  const args = [...words];
  const path: string[] = [];
  while (command !== undefined && command.commands.length > 0) {
    const name = args.shift();
    command = command.commands.find((one) => one.name() === name);
    path.push(name ?? '');
  }
  return command === undefined ? undefined : { command, path: path.join(' '), args };
}
