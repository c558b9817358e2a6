import { crashDrill } from '../support/crash-drill.js';
import type { Program } from '../support/menu.js';
import { assertKept, positive } from '../support/promises.js';

/** A worker that hangs is ended after so long; in the program it is 10 s. */
const limitMs = 1000;

export const drill: Program = {
  name: 'worker-crash',
  about: 'the inference thread exits, throws and hangs under steady windows [crashes, default 50]',
  async run([count = '50']) {
    const asked = positive('crashes', count);
    const figures = await crashDrill({
      ...{ crashes: asked, paceMs: 20, limitMs },
      progress: (line) => console.error(`worker-crash: ${line}`),
    });
    const { crashes, windows, answered, lost, lost_told, lost_otherwise } = figures;
    assertKept(figures, {
      'every crash happened, and none beside': crashes === asked,
      'one window is lost a crash, and told': lost === asked && lost_told === asked,
      'one at a time': figures['most_lost_at_once'] === 1,
      'all others are answered': answered! + lost! === windows && lost_otherwise === 0,
      'the model that was loaded again answers as before': figures['changed_answers'] === 0,
      'answers go on within 2 s, and the limit of a hanging worker':
        figures['worst_gap_ms']! <= 2000 + limitMs,
    });
    return figures;
  },
};
