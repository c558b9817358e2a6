import type { Command } from 'commander';
import { engines, type Measurement, measureEngines } from '../../models/index.js';
import { demoModel } from '../bundled.js';
import { examples } from './examples.js';
import { openModel } from './model.js';
import { number, optionHelp } from './options.js';
import { createProgress } from './progress.js';

interface Options {
  readonly model: string;
  readonly seconds: number;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .option('-m, --model <model>', optionHelp.model, demoModel)
    .option('--seconds <s>', 'time to spend on measuring', number(0.1, 3600), 10)
    .option('--json', optionHelp.json)
    .addHelpText(
      'after',
      '\nRuns the self-test windows of the model on every engine and mode that this machine can, and checks\nthe answers. The first line is what `engine: auto` would take.',
    )
    .action(run);
  examples(command, [['whorl bench --model grasp.safetensors --seconds 30', 'your model, measured longer']]);
}

async function run(options: Options): Promise<void> {
  const model = await openModel(options.model);
  const progress = createProgress('bench');
  progress.update(0, `${model.id} for about ${options.seconds} s`);
  const table = await measureEngines(model, {
    budgetMs: options.seconds * 1000,
    nowMs: () => performance.now(),
    candidates: engines,
  });
  progress.end();
  if (options.json)
    console.log(
      JSON.stringify({
        model: { id: model.id, version: model.version, sha256: model.sha256 },
        engines: table,
      }),
    );
  else for (const line of lines(table)) console.log(line);
}

/** The table in text: engine, mode, ms a window, how many times the fastest. */
function lines(table: readonly Measurement[]): string[] {
  const best = table[0]?.msPerWindow;
  const head = `${'engine'.padEnd(10)} ${'mode'.padEnd(16)} ${'ms a window'.padStart(11)} ${'times'.padStart(7)}  answers`;
  return [
    head,
    ...table.map(({ engine, mode, msPerWindow, agrees, reason }) => {
      const name = `${engine.padEnd(10)} ${mode.padEnd(16)}`;
      if (msPerWindow === undefined) return `${name} ${'-'.padStart(11)} ${''.padStart(7)}  ${reason ?? ''}`;
      const times = best === undefined ? '' : (msPerWindow / best).toFixed(1);
      return `${name} ${msPerWindow.toFixed(3).padStart(11)} ${times.padStart(7)}  ${agrees ? 'as expected' : (reason ?? '')}`;
    }),
  ];
}
