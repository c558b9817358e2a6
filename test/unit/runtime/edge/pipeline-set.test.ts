import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsFrom, neutouchB } from '../../../../devices/index.js';
import { EdgeModels } from '../../../../runtime/edge/models/edge-models.js';
import { PipelineSet } from '../../../../runtime/edge/pipeline-set.js';
import { Settings } from '../../../../runtime/edge/settings.js';
import { InferenceService } from '../../../../runtime/inference/index.js';
import type { Bodies } from '../../../../runtime/publish/index.js';
import { sensorClock } from '../../../../runtime/sensor-clock.js';
import type { SensorPlan } from '../../../../runtime/sensors.js';
import { FakeClock } from '../../../support/clock.js';
import { configOf } from '../../../support/daemon.js';
import { recordingLog } from '../../../support/log.js';
import { assertBody } from '../../../support/message-schemas.js';
import { loadedModel } from '../../../support/results.js';
import { ScriptedWorkers, settled } from '../../../support/scripted-worker.js';

test('a window that is lost with its worker is told, and the worker starts again with its model', async () => {
  const config = configOf({
    sensors: { finger: { transport: { kind: 'simulator' } } },
    pipelines: { grip: { sensors: ['finger'], model: 'demo', window: { kind: 'sliding', hopMs: 1000 } } },
  });
  const clock = new FakeClock();
  const workers = new ScriptedWorkers();
  const service = new InferenceService({ clock, spawn: workers.spawn });
  service.start();
  const { log } = recordingLog();
  const events: Bodies['event'][] = [];
  const parts = {
    ...{ settings: new Settings(config), clock, log },
    publisher: {
      connected: true,
      publish: (kind: keyof Bodies, body: Bodies[keyof Bodies]): boolean => {
        assertBody(kind, body as never);
        if (kind === 'event') events.push(body as Bodies['event']);
        return true;
      },
    },
  };
  const pipelines = new PipelineSet({
    ...{ ...parts, service, models: new EdgeModels({ ...parts, secrets: {} }) },
    sensorClock: sensorClock(clock),
    sensorTime: () => ({ toHostUs: (us) => us, boundUs: () => 0 }),
    isOnline: () => true,
    ...{ onResult: () => {}, onSettled: () => {}, onState: () => {} },
  });
  const finger: SensorPlan = {
    ...{ name: 'finger', config: config.sensors['finger']!, geometry: neutouchB, lossless: false },
    transport: () => assert.fail('is not opened'),
  };
  const starting = pipelines.start([finger]);
  while (!workers.open.includes('load')) await settled();
  await workers.reply('load', { value: loadedModel });
  await starting;
  const grip = pipelines.all.get('grip')!;
  grip.add(0, eventsFrom([[1_000_001, 3, 1]]));
  grip.advance(0, 2_000_000);
  assert.deepEqual(workers.open, ['infer']);
  await workers.crash('out of luck');
  assert.deepEqual(
    events.map(({ kind, pipeline, message }) => [kind, pipeline, message]),
    [
      [
        'window-lost',
        'grip',
        'window 0 was lost with its worker: the inference worker ended: out of luck; it is started again',
      ],
    ],
  );
  clock.advance(100);
  assert.deepEqual(workers.open, ['load']);
  await service.stop(0);
});
