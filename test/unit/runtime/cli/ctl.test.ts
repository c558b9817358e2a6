import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerText, dataText, refusalText } from '../../../../runtime/cli/answer-text.js';
import { bodyOf } from '../../../../runtime/cli/ctl.js';
import { verbs } from '../../../../runtime/cli/ctl-verbs.js';
import { commandNames } from '../../../support/edge-commands.js';

test('words become a body: JSON where it is JSON, text elsewhere', () => {
  assert.deepEqual(bodyOf(['sensor=mat', 'seconds=5', 'on=true', 'model=grasp@2', 'id="7"', 'url=a=b']), {
    ...{ sensor: 'mat', seconds: 5, on: true, model: 'grasp@2', id: '7', url: 'a=b' },
  });
  assert.equal(Object.getPrototypeOf(bodyOf(['__proto__=1'])), Object.prototype);
  for (const words of [['level'], ['=debug'], ['a=1', 'a=2']])
    assert.throws(() => bodyOf(words), { exitCode: 2 });
});

test('data is an aligned table, one value a line', () => {
  const data = {
    uptime_s: 12,
    sensors: { mat: { state: 'online', warnings: [] } },
    list: [{ a: 1 }, { a: null }],
  };
  assert.equal(
    dataText(data),
    [
      'uptime_s              12',
      'sensors.mat.state     online',
      'sensors.mat.warnings  -',
      'list.0.a              1',
      'list.1.a              -',
    ].join('\n'),
  );
  assert.deepEqual([dataText(undefined), dataText('pong'), dataText([1, 2])], ['', 'pong', '1, 2']);
});

test('help is a list: commands in lines, their keys below them; from another version it is a table', () => {
  const commands = [
    { name: 'ping', about: 'answers', keys: {} },
    { name: 'trigger', about: 'opens a window\u001b', keys: { pipeline: 'its name' } },
  ];
  assert.equal(
    answerText('help', { commands }),
    ['ping        answers', 'trigger     opens a window ', '  pipeline  its name']
      .map((l) => l.trimEnd())
      .join('\n'),
  );
  assert.equal(answerText('help', { commands: ['ping'] }), 'commands  ping');
  assert.equal(answerText('status', { status: 'ready' }), 'status  ready');
});

test('a refusal is message, code and remedy, without what would command the terminal', () => {
  const error = { code: 'busy', message: 'not \u001b[2Jnow', remedy: 'later' };
  assert.equal(
    refusalText({ command: 'trigger', status: 'error', error }),
    'trigger: not  [2Jnow (busy)\n  later',
  );
});

test('the help page has every command of an edge, and no other', () => {
  const notForPeople = ['model-upload']; // a file in pieces: `whorl models add` does it
  assert.deepEqual([...new Set(verbs.map(({ name }) => name)), ...notForPeople].sort(), commandNames());
  for (const { name, example } of verbs) assert.equal(example.split(' ')[0], name);
});
