import assert from 'node:assert/strict';
import { existsSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { createLogging, type LogFormat, type LogLevel } from '../../../../runtime/log/index.js';
import { prettyLine } from '../../../../runtime/log/pretty.js';
import { fileSink } from '../../../../runtime/log/sink.js';
import { Secret } from '../../../../runtime/secret.js';

function setUp(level: LogLevel = 'info', format: LogFormat = 'json') {
  const lines: string[] = [];
  let flushed = 0;
  const logging = createLogging({
    level,
    format,
    to: { write: (line) => lines.push(line), flushSync: () => flushed++ },
  });
  const parsed = (): Record<string, unknown>[] =>
    lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...logging, lines, parsed, flushed: () => flushed };
}

test('a line is one JSON object with time, level, facts and message', () => {
  const { logger, parsed, lines } = setUp();
  logger.child({ part: 'publish' }).info({ broker: 'mqtt://b' }, 'connected');
  const [line] = parsed();
  assert.match(String(line!['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(
    [line!['level'], line!['part'], line!['broker'], line!['msg']],
    ['info', 'publish', 'mqtt://b', 'connected'],
  );
  assert.ok(lines[0]!.endsWith('}\n'));
});

test('secrets are not written, whatever they are called and wherever they stand', () => {
  const { logger, lines } = setUp();
  const hidden = 'hunter2';
  logger.info({ password: hidden, mqtt: { password: hidden, tls: { key: hidden } }, token: hidden }, 'x');
  logger.info({ any: new Secret(hidden), options: { deep: { down: { passphrase: hidden } } } }, 'x');
  logger.child({ secret: hidden }).info({}, 'x');
  assert.equal(lines.length, 3);
  for (const line of lines) assert.doesNotMatch(line, /hunter2/);
  assert.match(lines[0]!, /"password":"\[secret\]"/);
});

test('the level can be changed while running, for children made before and their children too', () => {
  const { logger, setLevel, parsed } = setUp('warn');
  const child = logger.child({ part: 'a' });
  const grandchild = child.child({ sensor: 'b' });
  const all = [logger, child, grandchild];
  for (const one of all) one.info({}, 'no');
  setLevel('info');
  for (const one of all) one.info({}, 'yes');
  setLevel('silent');
  for (const one of all) one.fatal({}, 'no');
  assert.deepEqual(
    parsed().map(({ msg }) => msg),
    ['yes', 'yes', 'yes'],
  );
});

test('where nothing can be written any more lines are dropped, and neither logging nor flushing fails', {
  skip: existsSync('/dev/full') ? false : 'there is no /dev/full',
  timeout: 10_000,
}, () => {
  const sink = fileSink(openSync('/dev/full', 'w'));
  for (let i = 0; i < 3; i++) sink.write('a line\n');
  sink.flushSync!();
});

test('flush goes through to where the lines go', () => {
  const { flush, flushed } = setUp();
  flush();
  assert.equal(flushed(), 1);
});

test('a list of phrases stands below its line, one each; a list of words in it', () => {
  const facts = { engines: ['a: 1 ms', 'b: 2 ms\n'], names: ['x', 'y'], one: ['a b'], k: 1 };
  assert.equal(
    prettyLine(JSON.stringify({ time: '2026-01-01T12:34:56.789Z', level: 'info', msg: 'runs', ...facts })),
    [
      '12:34:56.789 info   runs  names=["x","y"] one=["a b"] k=1',
      '    engines  a: 1 ms',
      '             b: 2 ms?',
      '',
    ].join('\n'),
  );
});

test('pretty lines: time, level, part, message, facts', () => {
  const { logger, lines } = setUp('info', 'pretty');
  logger.child({ part: 'broker' }).warn({ retryMs: 153, reason: 'no route', list: [1] }, 'no connection');
  assert.match(
    lines[0]!,
    /^\d\d:\d\d:\d\d\.\d{3} warn {2}broker {4}no connection {2}retryMs=153 reason="no route" list=\[1\]\n$/,
  );
});

test('pretty lines: an error is its message, with its stack when it matters', () => {
  const { logger, lines } = setUp('info', 'pretty');
  const err = new Error('it broke');
  logger.warn({ err }, 'w');
  logger.error({ err }, 'e');
  assert.match(lines[0]!, /w {2}error="it broke"\n$/);
  assert.match(lines[1]!, /e {2}error="it broke"\n {4}Error: it broke\n {4}.*at /);
});

test('pretty lines: what comes from outside cannot steer the terminal, and what is no JSON stays', () => {
  const line = prettyLine(
    JSON.stringify({ level: 'info', msg: 'a\u001b[2Jb\nc', device: 'x\u001b[31m\u0007' }),
  );
  assert.doesNotMatch(line.trimEnd(), /\p{Cc}/u);
  assert.equal(prettyLine('no json\n'), 'no json\n');
});
