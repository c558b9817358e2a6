/**
 * A process that changes a model store without end, to be killed: adds, activates, rolls back, removes. It tells each
 * operation on the disk before it does it, and each change when it begins and when it is done.
 *
 *   node store-worker.js STORE KILL_AT MODEL ...     kills itself before operation KILL_AT; -1: waits to be killed
 */
import { ModelStore, Refusal } from '../../runtime/swap/index.js';
import { storeState } from './store-state.js';
import { say, toldDisk } from './told-disk.js';

const [root, killAt, ...models] = process.argv.slice(2) as [string, string, ...string[]];
const store = new ModelStore(root, { files: toldDisk(Number(killAt)) });

async function change(word: string, action: () => Promise<unknown>): Promise<void> {
  say('begin', word);
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Refusal && ['in_use', 'no_previous', 'not_found'].includes(error.code)))
      throw error;
  }
  say('state', await storeState(store));
}

await store.open();
say('state', await storeState(store));
for (let version = 1; ; version = (version % models.length) + 1) {
  await change(`add ${version}`, () => store.add(models[version - 1]!));
  await change(`activate ${version}`, () => store.activate(`small@${version}`));
  await change('rollback', () => store.rollback());
  const other = ((version + 1) % models.length) + 1;
  await change(`remove ${other}`, () => store.remove(`small@${other}`));
}
