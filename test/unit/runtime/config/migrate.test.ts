import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../../../runtime/config/check.js';
import { migratedFile } from '../../../../runtime/config/index.js';

const old = `# head
configVersion: 1 # first
sensors:
  f: { transport: { kind: simulator }, codec: tef } # one
  g:
    codec: tef # two
    transport: { kind: simulator }
  h: { codec: tef, driver: { kind: tef }, transport: { kind: simulator } }
  i:
    driver: { kind: tef }
    codec:
      tef
    transport: { kind: simulator }
`;

function checked(text: string) {
  return check({ text, env: {}, overrides: [] });
}

test('codec of version 1 is driver.kind; comments, order and spaces stay', () => {
  assert.equal(
    migratedFile(old),
    old
      .replace('configVersion: 1', 'configVersion: 2')
      .replace(', codec: tef } # one', ', driver: { kind: tef } } # one')
      .replace('codec: tef # two', 'driver: { kind: tef } # two')
      .replace('{ codec: tef, driver', '{ driver')
      .replace('    codec:\n      tef\n', '    \n\n'),
  );
});

test('a file of version 1 is read as it is, with a warning for each key that has another name', () => {
  const result = checked(old);
  assert.ok('config' in result, JSON.stringify(result));
  assert.equal(result.config.configVersion, 2);
  assert.equal(result.config.sensors['g']?.driver?.kind, 'tef');
  assert.deepEqual(
    result.warnings.map(({ path, line, column }) => [path, line, column]),
    [
      ['sensors.f.codec', 4, 40],
      ['sensors.g.codec', 6, 5],
      ['sensors.h.codec', 8, 8],
      ['sensors.i.codec', 11, 5],
    ],
  );
  assert.match(result.warnings[0]!.message, /is driver\.kind since version 2.*--migrate/);
});

test('places of errors are those of the file, also behind what was migrated', () => {
  const result = checked(old.replace(/simulator \}\n$/, 'simulater }\n'));
  assert.ok('errors' in result);
  assert.deepEqual(
    result.errors.map(({ path, line, column }) => [path, line, column]),
    [['sensors.i.transport.kind', 13, 18]],
  );
});

test('a file that says no version is one of version 1, or laid out as the newest', () => {
  const bare = 'sensors:\n  f: { transport: { kind: simulator }, codec: tef }\n';
  const result = checked(bare);
  assert.ok('config' in result && result.warnings.length === 1);
  assert.equal(
    migratedFile(bare),
    'configVersion: 2\nsensors:\n  f: { transport: { kind: simulator }, driver: { kind: tef } }\n',
  );
  assert.equal(
    migratedFile('%YAML 1.2\n---\nedge: {id: a}\n'),
    '%YAML 1.2\n---\nedge: {id: a}\nconfigVersion: 2\n',
  );
  assert.equal(migratedFile('configVersion: 2\nedge: {id: a}\n'), undefined);
});

test('what cannot be carried over is left for the schema to refuse', () => {
  for (const driver of ['driver: { kind: edvs }', 'codec2: 1']) {
    const result = checked(`sensors: { f: { transport: { kind: simulator }, codec: tef, ${driver} } }`);
    assert.ok('errors' in result);
    assert.match(result.errors[0]!.message, /is not a k(ey any more: it is driver\.kind now|nown key)/);
  }
});
