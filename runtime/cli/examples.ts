import type { Command } from 'commander';

/** Adds the section of examples to the help of a command: lines to type, each with what it does. */
export function examples(
  command: Command,
  lines: readonly (readonly [line: string, about: string])[],
): Command {
  const text = lines.map(([line, about]) => `  ${line}\n      ${about}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
}
