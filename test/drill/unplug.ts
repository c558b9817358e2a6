import type { Program } from '../support/menu.js';
import { assertKept, positive } from '../support/promises.js';
import { unplugDrill } from '../support/unplug-drill.js';

export const drill: Program = {
  name: 'unplug',
  about: 'cables of four sensors pulled at random in simulated time [minutes, default 10] [seed, default 1]',
  async run([minutes = '10', seed = '1']) {
    const figures = await unplugDrill({
      ...{ minutes: positive('minutes', minutes), seed: positive('seed', seed) },
      progress: (line) => console.error(`unplug: ${line}`),
    });
    const { pulls, pulls_counted, recovered, windows_lost, windows_lost_of_others, uncounted } = figures;
    assertKept(figures, {
      'something was pulled': pulls! > 0,
      'every pull is counted': pulls_counted === pulls,
      'every sensor recovers': recovered === pulls,
      'no window is lost but by a restart of its sensor': windows_lost === 0,
      'sensors that were not pulled lose no window': windows_lost_of_others === 0,
      'every event that was lost is counted': uncounted === 0,
    });
    return figures;
  },
};
