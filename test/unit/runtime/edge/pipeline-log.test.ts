import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logRunning } from '../../../../runtime/edge/pipeline-log.js';
import { recordingLog } from '../../../support/log.js';
import { loadedModel } from '../../../support/results.js';

const table = [
  { engine: 'gpu', mode: 'webasm', agrees: true, msPerWindow: 2.29 },
  { engine: 'gpu', mode: 'headlessgl', reason: 'it needs a display' },
];

test('engine auto: what was chosen, from what, and when it was measured', () => {
  const { log, lines } = recordingLog();
  const running = { anytime: 'every bin', missingAnytime: undefined };
  logRunning(log, 'contact', running, { ...loadedModel, choice: { table, remembered: true } });
  assert.deepEqual(
    lines.map(({ level, facts }) => [level, facts]),
    [
      [
        'info',
        {
          ...{ pipeline: 'contact', model: 'small', engine: 'event', mode: 'simd', medianUs: 900 },
          anytime: 'every bin',
          measured: 'at an earlier start',
          engines: ['gpu webasm: 2.290 ms', 'gpu headlessgl: it needs a display'],
        },
      ],
    ],
  );
});

test('answers that were asked for and cannot be had are a warning', () => {
  const { log, lines } = recordingLog();
  const reason = 'engine gpu answers whole windows only';
  logRunning(log, 'contact', { anytime: `off: ${reason}`, missingAnytime: reason }, loadedModel);
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['info', 'warn'],
  );
  assert.deepEqual(lines[1]!.facts, { pipeline: 'contact', reason });
});
