/** Tables of commands: what there is, and how one of them is loaded when it is asked for. */
import type { Command } from 'commander';

/** What each command file exports: options and help on the way in, the work itself as the action. */
export interface CommandModule {
  /** @param argv what stands behind the command's name: a group of commands loads the one that is asked for */
  define(command: Command, argv: readonly string[]): void | Promise<void>;
}

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/**
 * Adds the commands of a table to the program or to a group of commands; only the one that `argv` asks for is loaded.
 * @param group name of the group, absent for the program
 */
export async function addCommands(
  parent: Command,
  entries: readonly CommandEntry[],
  argv: readonly string[],
  group?: string,
): Promise<void> {
  for (const { name, summary, load } of entries) {
    const path = group === undefined ? name : `${group} ${name}`;
    const command = parent
      .command(name)
      .description(summary)
      .showHelpAfterError(`'whorl help ${path}' tells its options`);
    if (argv[0] === name) await (await load()).define(command, argv.slice(1));
  }
}
