import type { Program } from '../support/menu.js';
import { assertKept, positive } from '../support/promises.js';
import { pace, soakDrill } from '../support/soak-drill.js';

export const drill: Program = {
  name: 'soak',
  about: `a daemon at ${pace} times the pace of the demo: memory, handles, latencies [minutes, default 10]`,
  async run([minutes = '10']) {
    const figures = await soakDrill({
      minutes: positive('minutes', minutes),
      lookMs: 10_000,
      progress: (line) => console.error(`soak: ${line}`),
    });
    const { windows, unanswered, p50_start_ms, p50_end_ms } = figures;
    assertKept(figures, {
      'windows come, and all are answered': windows! > 0 && unanswered === 0,
      'less than 1 MB an hour at the normal pace': figures['rss_slope_mb_per_h_projected']! < 1,
      'no file is left open': figures['fds_end']! <= figures['fds_start']!,
      'no handle is left': figures['handles_end']! <= figures['handles_start']!,
      'answers come as soon at the end as at the start': p50_end_ms! <= 2 * p50_start_ms! + 1,
    });
    return figures;
  },
};
