import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { formatIssue } from '../../../../runtime/config/index.js';
import { MAX_CONFIG_BYTES, readYaml } from '../../../../runtime/config/yaml.js';
import { MAX_YAML_KEYS, yamlExcess } from '../../../../runtime/config/yaml-bounds.js';

test('what nests too deep is an error before it is composed, which would exhaust stack or memory', () => {
  const half = MAX_CONFIG_BYTES / 2;
  const deep = [
    '['.repeat(half),
    '[{'.repeat(half / 2),
    '- '.repeat(half),
    '? '.repeat(half),
    'a: '.repeat(half / 2),
  ];
  deep.push(Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'));
  for (const text of deep) assert.match(readYaml(text).errors[0]!.message, /nests deeper/);
});

test('what does not nest is read, whatever brackets and dashes it holds', () => {
  const long = `a: "${'['.repeat(200)}" # ${'- '.repeat(200)}\nb: |\n  ${'[ '.repeat(200)}\nc: [${'[1], '.repeat(200)}2]\n`;
  const list = '- - a: {b: [1]}\n'.repeat(200);
  for (const text of [long, list, '']) assert.equal(yamlExcess(text), undefined);
  assert.equal(readYaml(long).errors.length, 0);
});

test('more keys than a configuration needs are an error before they are composed, however they are written', () => {
  const keys = (count: number, write: (i: number) => string, joint = '\n'): string =>
    Array.from({ length: count }, (_, i) => write(i)).join(joint);
  const forms: ((count: number) => string)[] = [
    (count) => keys(count, (i) => `k${i}: 1`),
    (count) => keys(count, (i) => `? k${i}`),
    (count) => `{${keys(count, (i) => `k${i}`, ',')},}`,
    (count) => `mqtt:\n${keys(count - 1, (i) => ` "k${i}": 1`)}`,
  ];
  for (const form of forms) {
    assert.equal(yamlExcess(form(MAX_YAML_KEYS)), undefined, form(3));
    const { errors } = readYaml(form(MAX_YAML_KEYS + 1));
    assert.deepEqual(
      errors.map(({ message }) => message),
      [`has more than ${MAX_YAML_KEYS} keys, which no configuration needs`],
    );
  }
});

test('what is no text is one error, with the place of the first character that is none', () => {
  for (const [text, code, line, column] of [
    ['log:\n  level: \0', 'U+0000', 2, 10],
    ['\x7fELF', 'U+007F', 1, 1],
    [Buffer.from('log: {}', 'utf16le').toString('utf8'), 'U+0000', 1, 2],
    ['\x1b'.repeat(MAX_CONFIG_BYTES + 1), 'U+001B', 1, 1],
  ] as const) {
    const message = `is no text: it has the control character ${code}; name a YAML file, in UTF-8`;
    assert.deepEqual(readYaml(text).errors, [{ path: '', message, line, column }]);
  }
  assert.deepEqual(readYaml('\ufefflog:\r\n  level: "\u00e9\t"\n').errors, []);
});

test('an issue is one line without control characters, however long the key', () => {
  const line = formatIssue({ path: `a\u001b[2J\n${'k'.repeat(100_000)}`, message: 'is not known' }, 'w.yaml');
  assert.ok(line.startsWith('w.yaml: a\\x1b[2J\\x0akkk') && line.endsWith('k...: is not known'));
  assert.ok(line.length < 2100);
});

test('a flood of faults is told in part, and nothing is said on the console', () => {
  assert.equal(readYaml('}'.repeat(5000)).errors.length, 100);
  const warned = mock.method(process, 'emitWarning', () => {});
  try {
    readYaml('? {a: 1}\n: b\n');
    assert.equal(warned.mock.callCount(), 0);
  } finally {
    warned.mock.restore();
  }
});
