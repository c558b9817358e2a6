import { type Program, UsageError } from '../support/menu.js';
import { needs } from '../support/programs.js';
import { positive } from '../support/promises.js';
import { scaleRun } from '../support/scale-run.js';

export const drill: Program = {
  name: 'scale-out',
  about:
    'a gateway and two workers on Mosquitto, one lost mid-way [contacts, 40] [speed, 1; 0: fastest] [kill or halt]',
  async run([contacts = '40', speed = '1', how = 'kill']) {
    if (how !== 'kill' && how !== 'halt') throw new UsageError(`'${how}' is neither kill nor halt`);
    const terms = {
      contacts: positive('contacts', contacts),
      speed: speed === '0' ? 0 : positive('speed', speed),
      killAt: 0.5,
      signal: how === 'halt' ? ('SIGSTOP' as const) : ('SIGKILL' as const),
    };
    const missing = needs('mosquitto');
    if (missing !== false) throw new Error(missing);
    const { figures } = await scaleRun(terms);
    const { windows, answered, lost, gaps, wrong } = figures;
    console.log(`${answered} of ${windows} windows answered, ${lost} lost, ${gaps} gaps, ${wrong} wrong`);
    return figures;
  },
};
