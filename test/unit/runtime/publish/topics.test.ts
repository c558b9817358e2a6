import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isId } from '../../../../runtime/id.js';
import { Topics } from '../../../../runtime/publish/index.js';
import * as fc from '../../../support/fast-check.js';

const topics = new Topics('site/tactile', 'grip-left');

test('the tree', () => {
  assert.equal(topics.status, 'site/tactile/v1/grip-left/status');
  assert.equal(topics.info, 'site/tactile/v1/grip-left/info');
  assert.equal(topics.sensor('f0', 'status'), 'site/tactile/v1/grip-left/sensor/f0/status');
  assert.equal(topics.pipeline('slip', 'result'), 'site/tactile/v1/grip-left/pipeline/slip/result');
  assert.equal(topics.health, 'site/tactile/v1/grip-left/health');
  assert.equal(topics.alert('overload.slip.2'), 'site/tactile/v1/grip-left/alert/overload.slip.2');
  assert.equal(topics.alert('broker-unstable'), 'site/tactile/v1/grip-left/alert/broker-unstable');
  assert.equal(topics.commands, 'site/tactile/v1/grip-left/cmd/#');
  assert.equal(topics.response('ping'), 'site/tactile/v1/grip-left/resp/ping');
});

test('names that would leave their level are refused', () => {
  const bad = ['', '+', '#', 'a/b', '../x', '.x', '$SYS', 'a b', 'ä', 'a\u0000', 'x'.repeat(65)];
  for (const name of bad) {
    for (const build of [
      () => new Topics(name, 'e'),
      () => new Topics('t', name),
      () => topics.sensor(name, 'status'),
      () => topics.pipeline(name, 'model'),
      () => topics.response(name),
      () => topics.alert(`lost.${name}`),
    ]) {
      if (name === 'a/b' && build.toString().includes('Topics(name')) continue;
      assert.throws(build, RangeError, JSON.stringify(name));
    }
  }
  assert.throws(() => new Topics('a//b', 'e'), /part of the base topic ''/);
});

test('whatever the names, a topic has its levels and no wildcard, or is refused', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 70 }), (name) => {
      if (!isId(name)) assert.throws(() => topics.pipeline(name, 'state'), RangeError);
      else
        assert.match(
          topics.pipeline(name, 'state'),
          /^site\/tactile\/v1\/grip-left\/pipeline\/[^/+#]+\/state$/,
        );
    }),
  );
});

test('command names are what stands behind cmd/', () => {
  assert.equal(topics.commandName('site/tactile/v1/grip-left/cmd/model/stage'), 'model/stage');
  assert.equal(topics.commandName('site/tactile/v1/grip-left/status'), undefined);
  assert.equal(topics.commandName('site/tactile/v1/other/cmd/ping'), undefined);
});

test('answers may go below resp and reply only', () => {
  const allowed = ['site/tactile/v1/grip-left/resp/a', 'site/tactile/reply/robot-1/42'];
  const refused = [
    'site/tactile/v1/grip-left/status',
    'site/tactile/v1/grip-left/cmd/shutdown',
    'site/tactile/v1/grip-left/resp/',
    'site/tactile/reply/+',
    'site/tactile/reply/a/#',
    'site/tactile/reply/../x',
    'elsewhere/reply/a',
    `site/tactile/reply/${'a/'.repeat(300)}a`,
  ];
  for (const topic of allowed) assert.ok(topics.allowsReply(topic), topic);
  for (const topic of refused) assert.equal(topics.allowsReply(topic), false, topic);
});
