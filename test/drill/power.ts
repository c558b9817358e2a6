import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configKillLoop } from '../support/config-kill-loop.js';
import { killLoop } from '../support/kill-loop.js';
import type { Program } from '../support/menu.js';
import { positive } from '../support/promises.js';
import { removeStore, storeModel } from '../support/store-models.js';

export const drill: Program = {
  name: 'power',
  about:
    'kill -9 of processes that change a model store and a configuration file [kills, default 240, a third of them of the file] [seed, default 1]',
  async run([kills = '240', seed = '1']) {
    const [all, from] = [positive('kills', kills), positive('seed', seed)];
    const folder = mkdtempSync(join(tmpdir(), 'whorl-drill-'));
    try {
      const sources = join(folder, 'sources');
      mkdirSync(sources);
      const models = [];
      for (const version of ['1', '2', '3']) models.push(await storeModel(sources, version));
      const ofFile = Math.ceil(all / 3);
      const ofStore = all - ofFile;
      const progress = (done: number): void => {
        if (done % 50 === 0) console.error(`power: ${done} kills`);
      };
      const loop = { seed: from, progress };
      const store = join(folder, 'store');
      const stores = await killLoop({ ...loop, kills: ofStore, store, models });
      const files = await configKillLoop({ ...loop, kills: ofFile, folder: join(folder, 'config') });
      console.log(
        `the store was valid after each of ${ofStore} kills, the configuration after each of ${ofFile}; nothing was lost`,
      );
      return { ...named('store', stores), ...named('config', files), invalid: 0 };
    } finally {
      removeStore(folder);
    }
  },
};

/** Figures with a word before their names, so that two sets can stand together. */
function named(word: string, figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${word}_${name}`, value]));
}
