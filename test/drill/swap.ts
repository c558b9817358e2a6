import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from '../support/menu.js';
import { removeStore } from '../support/store-models.js';
import { brokenPromises, runSwaps } from '../support/swap-run.js';
import { undoing } from '../support/undoing.js';

export const drill: Program = {
  name: 'swap',
  about: 'changes of models under steady windows [changes, default 1000] [windows a second, default 100]',
  run: ([swaps = '1000', rate = '100']) =>
    undoing(async (after) => {
      const folder = mkdtempSync(join(tmpdir(), 'whorl-drill-'));
      after(() => removeStore(folder));
      const figures = await runSwaps(
        {
          ...{ swaps: Number(swaps), rate: Number(rate), folder },
          ...{ normal: 30 * Number(rate), settling: Math.min(50, Math.floor(Number(swaps) / 2)) },
          progress: (done) => {
            if (done % 100 === 0) console.error(`swap: ${done} of ${swaps} changes`);
          },
        },
        after,
      );
      for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(16)} ${value}`);
      const broken = brokenPromises(figures);
      if (broken.length > 0) throw new Error(broken.join('; '));
      return figures;
    }),
};
