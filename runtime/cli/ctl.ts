/** `whorl ctl`: sends a command to a daemon that runs, and prints its answer. */
import type { Command } from 'commander';
import { parseJson } from '../../models/index.js';
import { isId } from '../id.js';
import { request } from '../publish/index.js';
import { answerText, refusalText } from './answer-text.js';
import { verbs } from './ctl-verbs.js';
import { type EdgeOptions, edgeOptions, edgeTarget, unanswered } from './edge-options.js';
import { examples } from './examples.js';
import { CliError, exitCodes } from './exit.js';
import { number, optionHelp } from './options.js';

/** An edge has answered most commands by then. */
const usualSeconds = 12;

interface Options extends EdgeOptions {
  readonly timeout?: number;
  readonly json?: true;
}

export function define(command: Command): void {
  edgeOptions(
    command
      .argument('<command>', 'what the edge is told')
      .argument(
        '[key=value...]',
        'keys of the command; a value is read as JSON where it is JSON, else as text',
      ),
  )
    .option('--timeout <s>', 'how long to wait for the answer', number(0.1, 3600))
    .option('--json', optionHelp.json)
    .action(run);
  examples(
    command,
    verbs.map(({ example, about }) => [`whorl ctl ${example}`, about]),
  );
}

async function run(command: string, settings: readonly string[], options: Options): Promise<void> {
  if (!isId(command)) throw new CliError(`'${command}' is no name of a command`, exitCodes.usage);
  const body = bodyOf(settings);
  const asked = edgeTarget(options);
  const { edge, target } = asked;
  const verb = verbs.find(({ name }) => name === command);
  const timeoutMs = 1000 * (options.timeout ?? verb?.seconds ?? usualSeconds);
  const answer = await request(target, edge, command, body, { timeoutMs }).catch(unanswered(asked));
  if (options.json) console.log(JSON.stringify(answer));
  else if (answer.status === 'ok') console.log(answerText(command, answer.data) || 'done');
  else throw new CliError(refusalText(answer));
  if (answer.status === 'error') process.exitCode = exitCodes.failed;
}

/** The body that `key=value` words make. Throws CliError for words that are none. */
export function bodyOf(settings: readonly string[]): Record<string, unknown> {
  const entries = settings.map((setting): [string, unknown] => {
    const at = setting.indexOf('=');
    if (at < 1) throw new CliError(`${setting}: must be key=value, e.g. level=debug`, exitCodes.usage);
    return [setting.slice(0, at), parsedValue(setting.slice(at + 1))];
  });
  const twice = entries.find(([key], i) => entries.findIndex(([other]) => other === key) !== i);
  if (twice !== undefined) throw new CliError(`${twice[0]} is given twice`, exitCodes.usage);
  return Object.fromEntries(entries);
}

function parsedValue(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
