import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { createProgress, duration } from '../../../../runtime/cli/progress.js';

function recorder(terminal: { columns: number } | undefined) {
  const written: string[] = [];
  let ms = 0;
  const stream = {
    write: (text: string) => written.push(text) > 0,
    ...(terminal === undefined ? {} : { isTTY: true, ...terminal }),
  } as unknown as NodeJS.WriteStream;
  const progress = createProgress('train', { stream, nowMs: () => ms });
  return { written, progress, pass: (by: number) => (ms += by) };
}

test('without a terminal: a plain line for each tenth of the work, with the time that is left', () => {
  const { written, progress, pass } = recorder(undefined);
  for (let i = 1; i <= 100; i++) {
    pass(100);
    progress.update(i / 100, `epoch ${i}`);
  }
  progress.end('train done');
  assert.equal(written.length, 11);
  assert.equal(written[0], 'train  10 %  epoch 10, 9 s left\n');
  assert.equal(written[9], 'train 100 %  epoch 100\n');
  assert.equal(written[10], 'train done\n');
  assert.ok(written.every((text) => !text.includes('\x1b')));
});

test('on a terminal: drawn in place, at most every 50 ms, and never wrapped', () => {
  const { written, progress, pass } = recorder({ columns: 40 });
  progress.update(0.25, 'a long text that does not fit into the line');
  progress.update(0.26, 'too soon');
  pass(60);
  progress.update(0.5, 'half');
  progress.end();
  assert.equal(written.length, 3);
  assert.equal(
    stripVTControlCharacters(written[0]!).slice(1),
    `train ${'█'.repeat(6)}${' '.repeat(18)}  25 %  a`,
  );
  assert.match(written[1]!, /50 %/);
  assert.equal(written[2], '\r\x1b[K');
});

test('durations', () => {
  assert.deepEqual([0, 1, 59_000, 61_500, 3_600_000].map(duration), [
    '0 s',
    '1 s',
    '59 s',
    '1 min 02 s',
    '60 min 00 s',
  ]);
});
