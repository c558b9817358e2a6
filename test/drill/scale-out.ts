import type { Program } from '../support/menu.js';
import { needs } from '../support/programs.js';
import { scaleRun } from '../support/scale-run.js';

export const drill: Program = {
  name: 'scale-out',
  about:
    'a gateway, two workers, one killed mid-way, on Mosquitto [contacts, default 40] [speed, default 1; 0: fastest]',
  async run([contacts = '40', speed = '1']) {
    const missing = needs('mosquitto');
    if (missing !== false) throw new Error(missing);
    const terms = { contacts: Number(contacts), speed: Number(speed), killAt: 0.5 };
    const { figures } = await scaleRun(terms);
    const { windows, answered, lost, gaps, wrong } = figures;
    console.log(
      `${answered} of ${windows} windows answered, ${lost} lost, ${gaps} out of order, ${wrong} wrong`,
    );
    return figures;
  },
};
