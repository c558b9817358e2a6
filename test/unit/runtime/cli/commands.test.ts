import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Command, CommanderError } from 'commander';
import { commands, createProgram, helpWidth, readArguments } from '../../../../runtime/cli/commands.js';

/** What the program says to these arguments, which must not make a command act. */
async function say(...argv: string[]): Promise<{ text: string; exitCode: number }> {
  const args = readArguments(argv);
  const program = await createProgram(args);
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  for (const command of [program, ...program.commands])
    command.configureOutput({ ...command.configureOutput(), writeOut: write, writeErr: write });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    assert.ok(error instanceof CommanderError, String(error));
    return { text, exitCode: error.exitCode };
  }
  throw new Error('a command acted');
}

async function commandNamed(name: string): Promise<Command> {
  return (await createProgram([name])).commands.find((command) => command.name() === name)!;
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

for (const { name, summary } of commands) {
  describe(`the help of ${name}`, () => {
    test('names every option and argument, within the width of the page', async () => {
      const { text, exitCode } = await say('help', name);
      assert.equal(exitCode, 0);
      assert.deepEqual(await say(name, '--help'), { text, exitCode });
      assert.ok(text.includes(summary));
      const command = await commandNamed(name);
      for (const { flags } of command.options) assert.ok(text.includes(flags), flags);
      for (const argument of command.registeredArguments) assert.ok(text.includes(argument.name()));
      for (const line of text.split('\n')) assert.ok(line.length <= helpWidth, line);
    });

    test('has examples, with options that there are', async () => {
      const { text } = await say('help', name);
      const examples = text
        .slice(text.indexOf('\nExamples:\n'))
        .split('\n')
        .filter((line) => line.startsWith('  whorl '))
        .map((line) => line.trim().split(' ').slice(1));
      assert.ok(examples.length > 0);
      for (const [called, ...args] of examples) {
        assert.equal(called, name);
        const command = await commandNamed(name);
        const { operands, unknown } = command.parseOptions(args);
        assert.deepEqual(unknown, []);
        assert.ok(operands.length <= command.registeredArguments.length, args.join(' '));
        const required = command.registeredArguments.filter((argument) => argument.required);
        assert.ok(operands.length >= required.length, args.join(' '));
      }
    });
  });
}
