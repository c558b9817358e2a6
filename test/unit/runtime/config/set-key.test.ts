import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setInYaml, YamlEditError } from '../../../../runtime/config/index.js';
import { readYaml } from '../../../../runtime/config/yaml.js';
import { root } from '../../../support/paths.js';

const example = readFileSync(join(root, 'runtime', 'config', 'example.yaml'), 'utf8');

/** Lines that are not the same, and lines that are new. */
function changed(before: string, after: string): string[] {
  const old = before.split('\n');
  return after.split('\n').filter((line) => !old.includes(line));
}

test('a value is replaced where it stands, and nothing else in the file changes', () => {
  const after = setInYaml(example, ['log', 'level'], 'debug');
  assert.equal(after.length, example.length + 1);
  assert.deepEqual(changed(example, after), [
    '  level: debug # live: trace, debug, info, warn, error, fatal, silent',
  ]);
});

test('a key that is not there comes to the end of its section, and a section that is not there with it', () => {
  assert.deepEqual(changed(example, setInYaml(example, ['pipelines', 'grasp', 'validMs'], 9)), [
    '    validMs: 9',
  ]);
  const deep = setInYaml(example, ['pipelines', 'grasp', 'anytime', 'holdBins'], 3);
  assert.deepEqual(changed(example, deep), ['    anytime: { holdBins: 3 }']);
  assert.equal(
    setInYaml('pipelines: {p: {sensors: [f]}} # x\n', ['pipelines', 'p', 'validMs'], 9),
    'pipelines: {p: {sensors: [f], validMs: 9}} # x\n',
  );
  assert.equal(
    setInYaml('edge: {id: a} # x', ['log', 'level'], 'warn'),
    'edge: {id: a} # x\nlog: { level: warn }',
  );
});

test('empty files and empty sections are filled', () => {
  for (const text of ['', '# nothing\n', 'publish:\n', 'publish: # none\nedge: {id: a}\n', 'publish: {}\n'])
    assert.deepEqual(readYaml(setInYaml(text, ['publish', 'minScore'], 0.5)).tree['publish'], {
      minScore: 0.5,
    });
});

test('where an anchor stands for the value elsewhere too, it is refused', () => {
  const shared = 'pipelines:\n  a: &a { validMs: 5, model: m }\n  b: *a\n';
  assert.throws(() => setInYaml(shared, ['pipelines', 'b', 'validMs'], 7), YamlEditError);
  assert.throws(() => setInYaml(shared, ['pipelines', 'a', 'validMs'], 7), YamlEditError);
});
