#!/usr/bin/env node
/** The `whorl` command. */
import { CommanderError } from 'commander';
import { createProgram, readArguments } from './commands.js';
import { errorText, exitCodeOf, exitCodes } from './exit.js';

async function main(): Promise<void> {
  const argv = readArguments(process.argv.slice(2));
  const program = await createProgram(argv);
  await program.parseAsync(argv, { from: 'user' });
}

function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage; // it has said what was wrong
    return;
  }
  console.error(errorText(error));
  process.exitCode = exitCodeOf(error);
}

// Whoever reads our output may have had enough of it, as `whorl demo | head -1` has: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
});

main().catch(fail);
