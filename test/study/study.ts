import type { Program } from '../support/menu.js';

/** One study; each file `test/study/NAME.ts` exports one as `study`, and `npm run study -- NAME` runs it. */
export type Study = Program;
