import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CaptureRing, RecordError } from '../../../../../devices/index.js';
import { edgeCommands, refusal } from '../../../../support/edge-commands.js';

function setUp(failure?: RecordError) {
  const on = new Set<string>();
  const recorder = {
    sensors: ['left', 'right'],
    start: async (name: string) => {
      if (failure !== undefined) throw failure;
      on.add(name);
    },
    stop: async (name: string) =>
      on.delete(name)
        ? ({ bytes: 7, lost: 0, written: [`${name}.capture`] } as unknown as CaptureRing)
        : undefined,
  };
  return { on, ...edgeCommands({ recorder }) };
}

test('one sensor or all are recorded, and what was written is told at the end', async () => {
  const { send, on } = setUp();
  assert.deepEqual(await send('record-start', { sensor: 'right' }), { recording: ['right'] });
  assert.deepEqual([...on], ['right']);
  assert.deepEqual(await send('record-start'), { recording: ['left', 'right'] });
  assert.deepEqual(await send('record-stop', { sensor: 'left' }), {
    ended: { left: { bytes: 7, lost: 0, files: ['left.capture'] } },
  });
  assert.deepEqual(Object.keys(((await send('record-stop')) as { ended: object }).ended), ['right']);
});

test('without a folder, for an unknown sensor and on a full disk it is refused', async () => {
  const { code, remedy } = await refusal(edgeCommands({}).send('record-start'));
  assert.equal(code, 'no-folder');
  assert.match(remedy!, /set record\.folder/);
  const unknown = await refusal(setUp().send('record-stop', { sensor: 'third' }));
  assert.deepEqual([unknown.code, unknown.remedy], ['unknown-recordable-sensor', 'there are: left, right']);
  const full = await refusal(setUp(new RecordError('the disk is full')).send('record-start'));
  assert.deepEqual([full.code, full.message], ['record-failed', 'the disk is full']);
});
