import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { CliError, exitCodes } from '../../../../runtime/cli/exit.js';
import { applyRecipe } from '../../../../runtime/cli/recipe.js';
import { type TrainOptions, trainOptions } from '../../../../runtime/cli/train-options.js';
import { temporaryFolder } from '../../../support/small-model.js';

const folder = temporaryFolder();
let files = 0;

/** The options of `whorl train` for a recipe and a command line. */
async function optionsOf(recipe: unknown, argv: readonly string[] = []): Promise<TrainOptions> {
  const file = join(folder, `recipe-${files++}.json`);
  writeFileSync(file, typeof recipe === 'string' ? recipe : JSON.stringify(recipe));
  const command = trainOptions(new Command('train'));
  command.exitOverride().configureOutput({ writeErr: () => {} });
  command.parse(['--recipe', file, ...argv], { from: 'user' });
  await applyRecipe(command);
  return command.opts<TrainOptions>();
}

async function refuses(recipe: unknown, ...messages: RegExp[]): Promise<void> {
  await assert.rejects(optionsOf(recipe), (error: unknown) => {
    assert.ok(error instanceof CliError);
    assert.equal(error.exitCode, exitCodes.usage);
    for (const message of messages) assert.match(error.message, message);
    return true;
  });
}

test('a recipe fills what the command line leaves out, through the same checks', async () => {
  const recipe = {
    data: 'simulator',
    epochs: 3,
    hidden: [16, 8],
    learningRate: 0.01,
    amsgrad: false,
    loss: 'cross-entropy',
    schedule: '2:0.1',
    name: 'grip',
  };
  const options = await optionsOf(recipe, ['--epochs', '5']);
  assert.equal(options.epochs, 5);
  assert.deepEqual(options.hidden, [16, 8]);
  assert.equal(options.learningRate, 0.01);
  assert.equal(options.amsgrad, false);
  assert.equal(options.loss, 'cross-entropy');
  assert.equal(options.schedule, '2:0.1');
  assert.equal(options.name, 'grip');
  assert.equal(options.batch, 8, 'what neither names keeps its default');
  assert.deepEqual((await optionsOf({ hidden: '64' })).hidden, [64]);
  assert.deepEqual((await optionsOf({ hidden: [] })).hidden, []);
});

test('the command line wins, whichever side says no to a flag', async () => {
  assert.equal((await optionsOf({ amsgrad: true }, ['--no-amsgrad'])).amsgrad, false);
  assert.equal(
    (await optionsOf({ epochs: 7 }, ['--epochs', '20'])).epochs,
    20,
    'also with the default itself',
  );
});

test('unknown options and bad values are refused, all at once, with the file and the key', async () => {
  await refuses(
    { epoch: 3, batch: 0 },
    /"epoch" is no option of train/,
    /"batch": must be an integer from 1 to 65536/,
  );
  await refuses({ recipe: 'other.json' }, /"recipe" is no option/);
  await refuses({ loss: 'hinge' }, /"loss": Allowed choices are mse, cross-entropy/);
  await refuses({ epochs: true }, /"epochs": must be a text, a number/);
  await refuses({ name: { first: 'x' } }, /"name": must be a text/);
  await refuses({ data: null }, /"data": must be a text/);
  await refuses({ amsgrad: 'no' }, /"amsgrad": must be true or false/);
  await refuses({ graph: 'star' }, /"graph": must be mst, delaunay/);
  await refuses({ name: 'my model' }, /"name": must be 1 to 64 letters/);
});

test('a file that is no recipe is refused with its name', async () => {
  await refuses('{"epochs": ', /recipe .*recipe-\d+\.json: /);
  await refuses([1], /not a JSON object/);
  const command = trainOptions(new Command('train')).parse(['--recipe', '/no/recipe'], { from: 'user' });
  await assert.rejects(applyRecipe(command), /recipe \/no\/recipe: ENOENT/);
});
