import { brokerDrill } from '../support/broker-drill.js';
import type { Program } from '../support/menu.js';
import { needs } from '../support/programs.js';
import { assertKept, positive } from '../support/promises.js';

export const drill: Program = {
  name: 'broker',
  about: 'kill -9 of a Mosquitto under load, each time started again [kills, default 20]',
  async run([kills = '20']) {
    const missing = needs('mosquitto');
    if (missing) throw new Error(`this drill ${missing}`);
    const figures = await brokerDrill({
      kills: positive('kills', kills),
      awayMs: [200, 1000, 3000, 6000],
      upMs: 2000,
      warmMs: 30_000,
      progress: (line) => console.error(`broker: ${line}`),
    });
    assertKept(figures, {
      'a result within 2 s after the broker is back': figures['worst_back_ms']! <= 2000,
      'no stale result, decision or state': figures['stale'] === 0,
      'the right status for all': figures['wrong_status'] === 0,
      'memory flat': figures['rss_growth_pct']! < 10,
      'no file left open': figures['files_grown']! <= 0,
    });
    return figures;
  },
};
