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

test('options are a line a key, with what it takes; from another version they are a table', () => {
  const options = {
    'log.level': { value: 'info', default: 'info', values: ['debug', 'info\u001b'] },
    'publish.minScore': { value: 0.25, default: 0.01, unit: '1', minimum: 0, maximum: 1 },
    'models.holdS': { value: 5, default: 60, unit: 's', minimum: 0, maximum: 86400 },
  };
  const unsaved = ['models.holdS'];
  assert.equal(
    answerText('options', { options, unsaved }),
    [
      'live key          value  default  takes',
      'log.level         info   info     one of debug, info',
      'publish.minScore  0.25   0.01     from 0 to 1',
      'models.holdS      5      60       from 0 to 86400 s',
      'not saved: models.holdS',
    ].join('\n'),
  );
  assert.equal(answerText('options', { 'log.level': 'debug' }), 'log.level  debug');
  const hostile = { options: { a: { value: { toString: 1 }, default: 0 } }, unsaved: [] };
  assert.match(answerText('options', hostile), /^options\.a\.value\.toString +1\n/);
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
