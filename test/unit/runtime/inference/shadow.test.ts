import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InferenceService, type LoadedModel } from '../../../../runtime/inference/index.js';
import { Shadow } from '../../../../runtime/inference/shadow.js';
import { FakeClock } from '../../../support/clock.js';
import { recordingLog } from '../../../support/log.js';
import { ScriptedWorkers } from '../../../support/scripted-worker.js';

/** A shadow with a scripted worker; `see` gives it a window. */
async function setUp() {
  const clock = new FakeClock();
  const script = new ScriptedWorkers();
  const { log, lines } = recordingLog();
  const service = new InferenceService({ clock, log, spawn: script.spawn });
  service.start();
  const loading = service.load({ path: 'm.safetensors', engine: { name: 'event' } });
  await script.reply('load', { value: { id: 'm' } });
  const loaded = await loading;
  assert.ok(loaded.ok);
  const { handle } = loaded;
  const prepared = { handle, model: {} as LoadedModel, plan: { on: false, reason: '' } as const };
  const lost: string[] = [];
  const shadow = new Shadow(prepared, service, {
    name: 'grip',
    onShadowLost: ({ handle: of }, reason) => lost.push(`${of === handle} ${reason}`),
  });
  let index = 0;
  const see = (): void =>
    shadow.take({ index: index++, fromUs: 0, toUs: 1, reason: 'end' } as never, Uint32Array.of(1));
  return { clock, script, service, shadow, lines, lost, see };
}

test('windows of a shadow whose worker cannot bring its model back fail, are told of once, and hold up no stop', async () => {
  const { clock, script, service, shadow, lines, lost, see } = await setUp();
  for (let i = 0; i < 2; i++) see();
  await script.crash();
  assert.deepEqual(shadow.counters, { windows: 2, answered: 0, dropped: 0, failed: 1 });
  clock.advance(100);
  await script.reply('load', { reason: 'no memory' });
  assert.deepEqual(shadow.counters, { windows: 2, answered: 0, dropped: 0, failed: 2 }, 'the waiting one');
  for (let i = 0; i < 2; i++) see();
  assert.deepEqual(shadow.counters, { windows: 4, answered: 0, dropped: 0, failed: 4 }, 'the later ones');
  assert.deepEqual(
    lines.map(({ level, facts }) => [level, facts]),
    [['error', { model: 'm.safetensors', reason: 'no memory' }]],
  );
  assert.deepEqual(lost, ['true no memory']);
  await service.stop(1000); // the clock stands still: it waits for nothing
  assert.equal(clock.waiting, 0);
});

test('a worker that is about to come back is waited for', async () => {
  const { clock, script, shadow, see } = await setUp();
  await script.crash();
  see();
  clock.advance(100);
  await script.reply('load', { value: { id: 'm' } });
  await script.reply('infer', { value: {} });
  assert.deepEqual(shadow.counters, { windows: 1, answered: 1, dropped: 0, failed: 0 });
});
