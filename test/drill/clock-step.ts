import { clockStepDrill } from '../support/clock-step-drill.js';
import type { Program } from '../support/menu.js';
import { assertKept, positive } from '../support/promises.js';

export const drill: Program = {
  name: 'clock-step',
  about:
    'the wall clock is set by an hour and a day during touch, simulated [steps, default 100] [seed, default 1]',
  async run([count = '100', seed = '1']) {
    const steps = positive('steps', count);
    const figures = await clockStepDrill(steps, positive('seed', seed));
    const { noticed, warned, noticed_without, lost, changed_answers, bad_latency, bad_times } = figures;
    assertKept(figures, {
      'every step is counted, published and logged': noticed === steps && warned === steps,
      'none is noticed where there is none': noticed_without === 0,
      'no window is lost or out of order': lost === 0,
      'answers and decisions are those of a clock that is not set': changed_answers === 0,
      'latencies and ages do not know of steps': bad_latency === 0,
      'moments follow the wall clock': bad_times === 0,
    });
    return figures;
  },
};
