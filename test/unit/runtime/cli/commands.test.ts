import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Command, CommanderError } from 'commander';
import { commands, createProgram, helpWidth, readArguments } from '../../../../runtime/cli/commands.js';
import { modelCommands } from '../../../../runtime/cli/models/group.js';
import { calledCommand, withSubcommands } from '../../../support/program.js';

/** What the program says to these arguments, which must not make a command act. */
async function say(...argv: string[]): Promise<{ text: string; exitCode: number }> {
  const args = readArguments(argv);
  const program = await createProgram(args);
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  for (const command of withSubcommands(program))
    command.configureOutput({ ...command.configureOutput(), writeOut: write, writeErr: write });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    assert.ok(error instanceof CommanderError, String(error));
    return { text, exitCode: error.exitCode };
  }
  throw new Error('a command acted');
}

async function commandNamed(words: readonly string[]): Promise<Command> {
  let command = await createProgram(words);
  for (const word of words) command = command.commands.find((one) => one.name() === word)!;
  return command;
}

test('without arguments, and with help, the program tells its commands and exit codes', async () => {
  for (const argv of [[], ['help'], ['--help'], ['-h']]) {
    const { text, exitCode } = await say(...argv);
    assert.equal(exitCode, 0);
    for (const { name, summary } of commands) assert.ok(text.includes(`${name} `) && text.includes(summary));
    assert.match(text, /Exit codes: 0 done, 1 failed, 2 wrong usage or configuration/);
  }
  assert.match((await say('--version')).text, /^\d+\.\d+\.\d+\n$/);
});

test('an unknown command or option is an error that says where the help is', async () => {
  for (const argv of [['nosuch'], ['nosuch', '--help'], ['help', 'nosuch']]) {
    const { text, exitCode } = await say(...argv);
    assert.notEqual(exitCode, 0);
    assert.equal(text, "whorl: unknown command 'nosuch'\n'whorl help' lists the commands\n");
  }
  assert.match((await say('inspct')).text, /Did you mean inspect\?/);
  const option = await say('bench', '--modle', 'x');
  assert.match(
    option.text,
    /^whorl: unknown option '--modle'\n\(Did you mean --model\?\)\n'whorl help bench'/,
  );
});

test('a group tells its commands, and one that it does not have is an error', async () => {
  const { text, exitCode } = await say('help', 'models');
  assert.equal(exitCode, 0);
  assert.match(text, /^Usage: whorl models COMMAND \[options\]/);
  assert.match(text, /^ {2}import .*published networks/m);
  assert.equal(
    (await say('models', 'nosuch')).text,
    "whorl: unknown command 'nosuch'\n'whorl help models' lists the commands\n",
  );
  const nothing = await say('models');
  assert.notEqual(nothing.exitCode, 0);
  assert.match(nothing.text, /^Usage: whorl models COMMAND/);
  assert.match(
    (await say('models', 'import', 'x')).text,
    /required option '--from <network>' not specified\n'whorl help models import' tells its options/,
  );
});

/** Words that call each command, those of groups too. */
const calls = [...commands.map(({ name, summary }) => ({ words: [name], summary }))];
for (const { name, summary } of modelCommands)
  calls.push({ words: ['models', name], summary: summary.split(' ').slice(0, 3).join(' ') });

for (const { words, summary } of calls) {
  describe(`the help of ${words.join(' ')}`, () => {
    test('names every option and argument, within the width of the page', async () => {
      const { text, exitCode } = await say('help', ...words);
      assert.equal(exitCode, 0);
      assert.deepEqual(await say(...words, '--help'), { text, exitCode });
      assert.ok(text.includes(summary));
      const command = await commandNamed(words);
      for (const { flags } of command.options) assert.ok(text.includes(flags), flags);
      for (const argument of command.registeredArguments) assert.ok(text.includes(argument.name()));
      for (const line of text.split('\n')) assert.ok(line.length <= helpWidth, line);
      assert.doesNotMatch(text, /\[object|undefined|NaN/);
    });

    test('has examples, with options that there are', async () => {
      const { text } = await say('help', ...words);
      const examples = text
        .slice(text.indexOf('\nExamples:\n'))
        .split('\n')
        .filter((line) => line.startsWith('  whorl '))
        .map((line) => line.trim().split(' ').slice(1));
      assert.ok(examples.length > 0);
      for (const example of examples) {
        const called = await calledCommand(example);
        assert.ok(
          called !== undefined && `${called.path} `.startsWith(`${words.join(' ')} `),
          example.join(' '),
        );
        const { command, args } = called;
        const { operands, unknown } = command.parseOptions(args);
        assert.deepEqual(unknown, []);
        const isOpen = command.registeredArguments.at(-1)?.variadic === true;
        assert.ok(isOpen || operands.length <= command.registeredArguments.length, args.join(' '));
        const required = command.registeredArguments.filter((argument) => argument.required);
        assert.ok(operands.length >= required.length, args.join(' '));
      }
    });
  });
}
