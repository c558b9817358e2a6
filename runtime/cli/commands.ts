/** The commands of `whorl`, and the program that they make. Only the command that is asked for is loaded. */
import { Command } from 'commander';
import { version } from '../version.js';
import { addCommands, type CommandEntry } from './command-table.js';

export const commands: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'a simulated fingertip, classified and published, live in the terminal',
    load: () => import('./demo.js'),
  },
  {
    name: 'run',
    summary: 'the daemon: sensors in, classifications over MQTT out',
    load: () => import('./run.js'),
  },
  {
    name: 'ctl',
    summary: 'tell a daemon that runs what to do, through its broker',
    load: () => import('./ctl.js'),
  },
  {
    name: 'gateway',
    summary: 'the daemon, with its networks in workers elsewhere',
    load: () => import('./gateway.js'),
  },
  {
    name: 'worker',
    summary: 'classifies windows for gateways; as many as you like, anywhere',
    load: () => import('./worker.js'),
  },
  {
    name: 'record',
    summary: 'what sensors send, as a ring of capture files',
    load: () => import('./record.js'),
  },
  {
    name: 'replay',
    summary: 'recorded touch through the same pipeline as live touch',
    load: () => import('./replay.js'),
  },
  {
    name: 'convert',
    summary: 'recordings from one format to another',
    load: () => import('./convert.js'),
  },
  {
    name: 'train',
    summary: 'train a model on the simulator or on your recordings',
    load: () => import('./train.js'),
  },
  {
    name: 'eval',
    summary: 'accuracy and confusion matrix of a model on labelled touch',
    load: () => import('./eval.js'),
  },
  {
    name: 'inspect',
    summary: 'what is inside a model file, and whether it passes its self-test',
    load: () => import('./inspect.js'),
  },
  {
    name: 'models',
    summary: 'model files: import published checkpoints; a store of signed versions',
    load: () => import('./models/group.js'),
  },
  {
    name: 'bench',
    summary: 'how fast each engine runs a model on this machine, answers checked',
    load: () => import('./bench.js'),
  },
  {
    name: 'simulate',
    summary: 'a simulated sensor on a serial port, pseudo-terminal or TCP port',
    load: () => import('./simulate.js'),
  },
  {
    name: 'calibrate',
    summary: 'rest level, noise and thresholds of an untouched sensor that sends levels',
    load: () => import('./calibrate.js'),
  },
  {
    name: 'ports',
    summary: 'serial ports of this machine, what is behind them, and which sensor answers',
    load: () => import('./ports.js'),
  },
  {
    name: 'doctor',
    summary: 'whether this machine can do what the configuration asks, line by line',
    load: () => import('./doctor.js'),
  },
  {
    name: 'check-config',
    summary: 'every error in a configuration, or the configuration in force',
    load: () => import('./check-config.js'),
  },
];

/** Widest line of a help page. */
export const helpWidth = 100;

const more = `
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
Every command tells its options and examples: whorl help COMMAND`;

/**
 * The program, ready to parse `argv` (which `readArguments` has seen). It throws commander's errors instead of ending
 * the process.
 */
export async function createProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('whorl')
    .description('Tactile robotics edge runtime: event-driven touch in, classifications over MQTT out.')
    .version(version, '-V, --version', 'version of whorl')
    .helpOption('-h, --help', 'this page')
    .helpCommand('help [command]', 'options and examples of a command')
    .configureHelp({ helpWidth: Math.min(helpWidth, process.stdout.columns ?? helpWidth) })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'whorl: ')) })
    .addHelpText('after', more)
    .showHelpAfterError("'whorl help' lists the commands")
    .exitOverride();
  await addCommands(program, commands, argv);
  return program;
}

/** `help COMMAND` stands for `COMMAND --help`, and nothing at all for `--help`; a word that is no command stands alone. */
export function readArguments(argv: readonly string[]): readonly string[] {
  const [first, second] = argv;
  if (first === undefined || (first === 'help' && second === undefined)) return ['--help'];
  const asked = first === 'help' ? [...argv.slice(1), '--help'] : argv;
  const isKnown = asked[0]!.startsWith('-') || commands.some(({ name }) => name === asked[0]);
  return isKnown ? asked : asked.slice(0, 1);
}
