import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promises, runBadSwaps } from '../support/bad-swap-run.js';
import { withCleanup } from '../support/cleanup.js';
import type { Program } from '../support/menu.js';
import { assertKept, positive } from '../support/promises.js';
import { removeStore } from '../support/store-models.js';

export const drill: Program = {
  name: 'bad-swap',
  about: 'models that must not serve, offered under steady windows [windows a second, default 100]',
  run: ([rate = '100']) =>
    withCleanup(async (cleanup) => {
      const folder = mkdtempSync(join(tmpdir(), 'whorl-drill-'));
      cleanup.after(() => removeStore(folder));
      const tell = (offer: string, code: string): void => console.log(`${offer.padEnd(32)} ${code}`);
      const figures = await runBadSwaps({ folder, rate: positive('windows a second', rate), tell }, cleanup);
      assertKept(figures, promises(figures));
      return figures;
    }),
};
