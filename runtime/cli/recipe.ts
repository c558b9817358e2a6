/** Recipes: the options of a command in a JSON file, so that a model can be made again by one short command. */
import { readFile } from 'node:fs/promises';
import type { Command, Option } from 'commander';
import { CliError, exitCodes } from './exit.js';

/**
 * Fills the options that were not given on the command line from the file named by `--recipe`, through the same checks.
 * Throws `CliError` with every unknown option and bad value, or when the file cannot be read.
 */
export async function applyRecipe(command: Command): Promise<void> {
  const { recipe } = command.opts<{ recipe?: string }>();
  if (recipe === undefined) return;
  const faults: string[] = [];
  for (const [key, value] of Object.entries(await readRecipe(recipe))) {
    const option = command.options.find((candidate) => candidate.attributeName() === key);
    if (option === undefined || key === 'recipe') {
      faults.push(`${recipe}: "${key}" is no option of ${command.name()}`);
      continue;
    }
    try {
      const parsed = parse(option, value);
      if (command.getOptionValueSource(key) !== 'cli')
        command.setOptionValueWithSource(key, parsed, 'config');
    } catch (error) {
      faults.push(`${recipe}: "${key}": ${(error as Error).message}`);
    }
  }
  if (faults.length > 0) throw new CliError(faults.join('\n'), exitCodes.usage);
}

/** A value as the option would read it from the command line; flags are true or false, lists may be JSON lists. */
function parse(option: Option, value: unknown): unknown {
  const isFlag = option.isBoolean() || option.negate;
  if (isFlag && typeof value === 'boolean') return value;
  if (isFlag) throw new Error('must be true or false');
  const parts = Array.isArray(value) ? value : [value];
  if (parts.some((part) => typeof part !== 'string' && typeof part !== 'number'))
    throw new Error('must be a text, a number or a list of them');
  return option.parseArg === undefined ? parts.join(',') : option.parseArg(parts.join(','), undefined);
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
