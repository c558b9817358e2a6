import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withCleanup } from '../support/cleanup.js';
import type { Program } from '../support/menu.js';
import { assertKept, positive } from '../support/promises.js';
import { removeStore } from '../support/store-models.js';
import { promises, runSwaps } from '../support/swap-run.js';

export const drill: Program = {
  name: 'swap',
  about: 'changes of models under steady windows [changes, default 1000] [windows a second, default 100]',
  run: ([changes = '1000', windows = '100']) =>
    withCleanup(async (cleanup) => {
      const folder = mkdtempSync(join(tmpdir(), 'whorl-drill-'));
      cleanup.after(() => removeStore(folder));
      const [swaps, rate] = [positive('changes', changes), positive('windows a second', windows)];
      const figures = await runSwaps(
        {
          ...{ swaps, rate, folder },
          ...{ normal: 30 * rate, settling: Math.min(50, Math.floor(swaps / 2)) },
          progress: (done) => {
            if (done % 100 === 0) console.error(`swap: ${done} of ${swaps} changes`);
          },
        },
        cleanup,
      );
      for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(16)} ${value}`);
      assertKept(figures, promises(figures));
      return figures;
    }),
};
