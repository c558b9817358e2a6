import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killLoop } from '../support/kill-loop.js';
import type { Program } from '../support/menu.js';
import { removeStore, storeModel } from '../support/store-models.js';

export const drill: Program = {
  name: 'power',
  about: 'kill -9 of processes that change a model store [kills, default 200] [seed, default 1]',
  async run([kills = '200', seed = '1']) {
    const folder = mkdtempSync(join(tmpdir(), 'whorl-drill-'));
    try {
      const sources = join(folder, 'sources');
      mkdirSync(sources);
      const models = [];
      for (const version of ['1', '2', '3']) models.push(await storeModel(sources, version));
      const progress = (done: number): void => {
        if (done % 50 === 0) console.error(`power: ${done} of ${kills} kills`);
      };
      const store = join(folder, 'store');
      const figures = await killLoop({ kills: Number(kills), seed: Number(seed), store, models, progress });
      console.log(`the store was valid after each of ${figures['kills']} kills, and nothing was lost`);
      return figures;
    } finally {
      removeStore(folder);
    }
  },
};
