import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Config, configHash, type LoadOptions, loadConfig } from '../../../../runtime/config/index.js';
import { Reload } from '../../../../runtime/edge/reload.js';
import { Settings } from '../../../../runtime/edge/settings.js';
import { edgeCommands, refusal } from '../../../support/edge-commands.js';
import { recordingLog } from '../../../support/log.js';
import { temporaryFolder } from '../../../support/small-model.js';

const folder = temporaryFolder();
const good = `# mine
sensors:
  f: { transport: { kind: simulator } }
pipelines:
  p: { sensors: [f], model: demo } # the only one
`;

function setUp(text = good, more: Omit<LoadOptions, 'file'> = {}) {
  const file = join(mkdtempSync(join(folder, 'edge-')), 'whorl.yaml');
  writeFileSync(file, text);
  const loaded = loadConfig({ file, ...more });
  assert.ok('config' in loaded, JSON.stringify(loaded));
  const settings = new Settings(loaded.config);
  const { log, lines } = recordingLog();
  const changes: Config[] = [];
  const reload = new Reload({
    source: { file, ...more, text: loaded.text },
    ...{ settings, log, onChanged: (before) => changes.push(before) },
  });
  const put = (next: string): void => writeFileSync(file, next);
  const stands = (): string => readFileSync(file, 'utf8');
  /** Fails when anything has changed. */
  const untouched = (): void => {
    assert.equal(settings.config, loaded.config);
    assert.deepEqual(changes, []);
  };
  return { file, reload, settings, lines, changes, put, stands, untouched };
}

test('a reload takes over all live keys that differ, at once, and says which', async () => {
  const { reload, settings, put, changes, lines } = setUp();
  const seen: string[] = [];
  settings.subscribe(({ log, publish }) => seen.push(`${log.level} ${publish.minScore}`));
  put(`${good}log: { level: debug }\npublish: { minScore: 0.2 }\n`);
  const report = await reload.reload();
  assert.deepEqual(report.changed, [
    { path: 'log.level', from: 'info', to: 'debug' },
    { path: 'publish.minScore', from: 0.01, to: 0.2 },
  ]);
  assert.deepEqual(seen, ['debug 0.2']);
  assert.equal(report.config_hash, configHash(settings.config));
  assert.equal(changes.length, 1);
  assert.ok(lines.some(({ message }) => message === 'configuration taken over'));
  assert.deepEqual((await reload.reload()).changed, []);
  assert.equal(changes.length, 1, 'nothing has changed, so nobody is told');
});

test('a file with errors changes nothing, and all errors are told', async () => {
  const { reload, put, untouched, lines } = setUp();
  put(`${good}log: { level: loud }\nmqtt: { keepaliveS: 0 }\n`);
  await assert.rejects(reload.reload(), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'invalid-config');
    assert.match(error.message, /whorl\.yaml:6:\d+: log\.level: .*whorl\.yaml:7:\d+: mqtt\.keepaliveS/);
    return true;
  });
  untouched();
  assert.equal(lines.at(-1)?.level, 'error');
  put('log: {');
  await assert.rejects(reload.reload(), { code: 'invalid-config' });
  untouched();
});

test('a key that needs a restart keeps the live ones beside it from changing too', async () => {
  const { reload, put, untouched } = setUp();
  put(`${good}log: { level: debug }\nedge: { id: other }\nhealth: { intervalS: 5 }\n`);
  await assert.rejects(reload.reload(), {
    code: 'restart-required',
    message: /at a start only: edge\.id, health\.intervalS$/,
  });
  untouched();
});

test('when one part cannot take a change, all go back', async () => {
  const { reload, settings, put, untouched } = setUp();
  const levels: string[] = [];
  settings.subscribe(({ log }) => levels.push(log.level));
  settings.subscribe(({ log }) => {
    if (log.level === 'debug') throw new Error('not now');
  });
  put(`${good}log: { level: debug }\n`);
  await assert.rejects(reload.reload(), /not now/);
  assert.deepEqual(levels, ['debug', 'info']);
  untouched();
});

test('what is set without save holds until the next reload, and the file stays', async () => {
  const { reload, settings, stands } = setUp();
  const report = await reload.set({ 'pipelines.p.minConfidence': 0.7, 'publish.compact': true });
  assert.deepEqual(
    report.changed.map(({ path, to }) => [path, to]),
    [
      ['publish.compact', true],
      ['pipelines.p.minConfidence', 0.7],
    ],
  );
  assert.match(report.holds ?? '', /until the next reload or restart/);
  await reload.set({ 'log.level': 'warn' });
  assert.equal(settings.pipeline('p').minConfidence, 0.7, 'what was set before stays');
  assert.deepEqual(reload.unsaved, ['pipelines.p.minConfidence', 'publish.compact', 'log.level']);
  assert.equal(stands(), good);
  assert.equal((await reload.reload()).changed.length, 3);
  assert.deepEqual([settings.pipeline('p').minConfidence, reload.unsaved], [0.5, []]);
});

test('what is saved stands in the file, with its comments, and is there at the next start', async () => {
  const { file, reload, settings, stands } = setUp();
  await reload.set({ 'log.level': 'debug' });
  const report = await reload.set({ 'pipelines.p.minConfidence': 0.7 }, true);
  assert.match(report.holds ?? '', /for good: it is in .*whorl\.yaml/);
  assert.equal(stands(), good.replace('model: demo', 'model: demo, minConfidence: 0.7'));
  const started = loadConfig({ file });
  assert.ok('config' in started);
  assert.equal(started.config.pipelines['p']?.minConfidence, 0.7);
  assert.deepEqual([settings.config.log.level, reload.unsaved], ['debug', ['log.level']]);
  assert.deepEqual(
    (await reload.reload()).changed.map(({ path }) => path),
    ['log.level'],
  );
});

test('only live keys that there are can be set, and only to what every rule allows', async () => {
  const { reload, untouched, stands } = setUp();
  for (const [values, code, says] of [
    [
      { 'mqtt.url': 'mqtt://evil:1883' },
      'unknown-option',
      /mqtt\.url is no key that can be set while whorl runs/,
    ],
    [{ 'models.keys': 'k.pub' }, 'unknown-option', /./],
    [{ 'pipelines.q.minConfidence': 0.5 }, 'unknown-option', /./],
    [{ '__proto__.x': 1 }, 'unknown-option', /./],
    [
      { 'publish.minScore': 2 },
      'invalid-config',
      /^publish\.minScore: must be at most 1, is 2; nothing was changed$/,
    ],
    [{ 'log.level': 'debug', 'publish.compact': 'perhaps' }, 'invalid-config', /publish\.compact/],
  ] as const)
    for (const save of [false, true]) {
      await assert.rejects(reload.set(values, save), (error: Error & { code?: string }) => {
        assert.deepEqual([error.code, says.test(error.message)], [code, true], error.message);
        return true;
      });
      untouched();
    }
  assert.equal(stands(), good);
});

test('a value that a key does not take is refused with what it takes', async () => {
  const { reload } = setUp();
  for (const [values, remedy] of [
    [{ 'publish.minScore': 2 }, 'send it again with publish.minScore from 0 to 1'],
    [{ 'pipelines.p.validMs': 0 }, 'send it again with pipelines.p.validMs from 1 to 600000 ms'],
    [
      { 'publish.compact': 'perhaps', 'log.level': 'loud' },
      'send it again with log.level one of trace, debug, info, warn, error, fatal, silent, publish.compact one of true, false',
    ],
  ] as const)
    await assert.rejects(reload.set(values), { code: 'invalid-config', remedy });
});

test('rules between keys count as in the file', async () => {
  const { reload, untouched } = setUp(
    good.replace('model: demo', 'model: demo, anytime: { decideBy: model }'),
  );
  await assert.rejects(reload.set({ 'pipelines.p.anytime.minMargin': 0.3 }), {
    message: /only with decideBy: fixed/,
    remedy: /lists the keys/,
  });
  untouched();
});

test('nothing is saved over changes of somebody else, and then nothing holds either', async () => {
  const { reload, put, stands, settings } = setUp();
  put(`${good}# I am editing\n`);
  await assert.rejects(reload.set({ 'log.level': 'debug' }, true), { code: 'file-changed' });
  assert.deepEqual([settings.config.log.level, stands()], ['info', `${good}# I am editing\n`]);
  await reload.reload();
  await reload.set({ 'log.level': 'debug' }, true);
  assert.equal(stands(), `${good}log: { level: debug }\n# I am editing\n`);
});

test('what the environment or the command line sets can be set for now, and not saved', async () => {
  const override = { path: ['publish', 'minScore'], value: 0.3, source: '--set' };
  const { reload, settings, stands } = setUp(good, {
    env: { WHORL_LOG_LEVEL: 'warn' },
    overrides: [override],
  });
  for (const values of [{ 'log.level': 'debug' }, { 'publish.minScore': 0.1 }])
    await assert.rejects(reload.set(values, true), { code: 'overridden' });
  assert.equal(stands(), good);
  await reload.set({ 'log.level': 'debug', 'publish.minScore': 0.1 });
  assert.deepEqual([settings.config.log.level, settings.config.publish.minScore], ['debug', 0.1]);
});

test('without a file there is nothing to reload or to save to', async () => {
  const loaded = loadConfig();
  assert.ok('config' in loaded);
  const settings = new Settings(loaded.config);
  const reload = new Reload({ source: { text: '' }, settings, log: recordingLog().log });
  await assert.rejects(reload.reload(), { code: 'no-file' });
  await assert.rejects(reload.set({ 'log.level': 'debug' }, true), { code: 'no-file' });
  await reload.set({ 'log.level': 'debug' });
  assert.equal(settings.config.log.level, 'debug');
});

test('changes that come together are made one after the other', async () => {
  const { reload, settings, stands } = setUp();
  await Promise.all([
    reload.set({ 'pipelines.p.validMs': 11 }, true),
    reload.set({ 'log.level': 'debug' }),
    reload.set({ 'pipelines.p.validMs': 12 }, true),
  ]);
  assert.match(stands(), /validMs: 12/);
  assert.deepEqual([settings.config.log.level, settings.pipeline('p').validMs], ['debug', 12]);
});

test('commands: options lists and sets, reload reloads, log-level is short for an option', async () => {
  const { reload, settings, put } = setUp();
  const { send } = edgeCommands({
    reload,
    settings,
    setLogLevel: () => assert.fail('it is told by the settings'),
  });
  assert.deepEqual(await send('log-level', { level: 'warn' }), { level: 'warn' });
  const { options, unsaved } = (await send('options')) as {
    options: Record<string, object>;
    unsaved: string[];
  };
  assert.deepEqual(unsaved, ['log.level']);
  assert.deepEqual(options['pipelines.p.validMs'], {
    ...{ value: 500, default: 500, unit: 'ms', minimum: 1, maximum: 600_000 },
  });
  await send('options', { set: { 'pipelines.p.validMs': 7 } });
  assert.equal(settings.pipeline('p').validMs, 7);
  put(`${good}log: { level: error }\n`);
  await send('reload');
  assert.deepEqual([settings.config.log.level, settings.pipeline('p').validMs], ['error', 500]);
  const refused = await refusal(send('options', { set: { 'edge.id': 'x' } }));
  assert.equal(refused.code, 'unknown-option');
  assert.match(refused.remedy ?? '', /change the file and start whorl anew|lists them/);
  assert.equal((await refusal(send('options', { sett: {} }))).code, 'bad-body');
});
