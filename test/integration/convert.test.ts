/** `whorl convert` as a process: what it says, how it ends, and what other commands make of its files. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { contactsOf, writeCapture } from '../support/capture.js';
import { run } from '../support/command.js';
import { temporaryFolder } from '../support/small-model.js';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

test('what was converted is replayed and evaluated as the capture is', { timeout: 60_000 }, async (t) => {
  const capture = at('a_label_slide.capture');
  await writeCapture(capture, contactsOf(11, 4, ['slide']));
  const tact = at('a_label_slide.tact');
  const { code, stdout, stderr } = await run(t, ['convert', capture, tact]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`^wrote ${tact}: \\d+ events\\n$`));
  assert.match(stderr, /^note: \.tact does not hold the number of taxels \(39\)/);
  const [one, other, evaluated] = await Promise.all([
    run(t, ['replay', capture]),
    run(t, ['replay', tact]),
    run(t, ['eval', '-m', 'demo', '-d', tact, '--json']),
  ]);
  assert.deepEqual(
    [one.code, other.code, evaluated.code],
    [0, 0, 0],
    one.stderr + other.stderr + evaluated.stderr,
  );
  const labels = (text: string): string[] =>
    [...text.matchAll(/^window \d+ {2}(\w+)/gm)].map((found) => found[1]!);
  assert.equal(labels(one.stdout).length, 4);
  assert.deepEqual(labels(other.stdout), labels(one.stdout));
  const { windows } = JSON.parse(evaluated.stdout) as { windows: { predicted: string }[] };
  assert.deepEqual(
    windows.map(({ predicted }) => predicted),
    labels(one.stdout),
  );
});

test('a bad file ends it with 1 and says where; wrong usage with 2', { timeout: 30_000 }, async (t) => {
  writeFileSync(at('bad.tact'), '1 5 0.1\n1 99 0.2\n');
  const [bad, absent, format, size] = await Promise.all([
    run(t, ['convert', at('bad.tact'), at('bad.csv')]),
    run(t, ['convert', at('absent.tact'), at('bad.csv')]),
    run(t, ['convert', at('bad.tact'), at('x'), '--to', 'wav']),
    run(t, ['convert', at('bad.tact'), at('x.aedat'), '--size', '4']),
  ]);
  assert.deepEqual([bad.code, absent.code, format.code, size.code], [1, 1, 2, 2]);
  assert.match(bad.stderr, /^whorl: .*bad\.tact: line 2: cell 99 is not within 1\.\.80\n$/);
  assert.match(absent.stderr, /^whorl: .*absent\.tact: no such file or directory\n$/);
  assert.match(format.stderr, /Allowed choices are capture, tact, tact4, mat, aedat, csv, npy/);
  assert.match(size.stderr, /must be width and height, e\.g\. 128x128/);
  assert.throws(() => readFileSync(at('bad.csv')));
});
