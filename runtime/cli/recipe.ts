/** Recipes: the options of a command in a JSON file, so that a model can be made again by one short command. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { CliError, exitCodes } from './exit.js';

/**
 * Fills the options that were not given on the command line from the file named by `--recipe`, through the same checks.
 * Throws `CliError` for an unreadable file, an unknown option or a bad value.
 */
export async function applyRecipe(command: Command): Promise<void> {
  const { recipe } = command.opts<{ recipe?: string }>();
  if (recipe === undefined) return;
  const values = await readRecipe(recipe);
  for (const [key, value] of Object.entries(values)) {
    const option = command.options.find((candidate) => candidate.attributeName() === key);
    if (option === undefined || key === 'recipe')
      throw new CliError(`${recipe}: "${key}" is no option of ${command.name()}`, exitCodes.usage);
    if (command.getOptionValueSource(key) === 'cli') continue;
    try {
      const text = String(value);
      const parsed: unknown =
        typeof value === 'boolean'
          ? value
          : option.parseArg === undefined
            ? text
            : option.parseArg(text, undefined);
      command.setOptionValueWithSource(key, parsed, 'config');
    } catch (error) {
      throw new CliError(`${recipe}: "${key}" ${(error as Error).message}`, exitCodes.usage);
    }
  }
}

async function readRecipe(path: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    throw new Error('not a JSON object');
  } catch (error) {
    throw new CliError(`recipe ${path}: ${(error as Error).message}`, exitCodes.usage);
  }
}
