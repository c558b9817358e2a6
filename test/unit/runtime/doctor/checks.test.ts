import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Engine } from '../../../../models/index.js';
import { checkBroker } from '../../../../runtime/doctor/broker.js';
import { checkClock, clockSynchronized } from '../../../../runtime/doctor/clock.js';
import { checkEngines } from '../../../../runtime/doctor/engines.js';
import type { Finding } from '../../../../runtime/doctor/finding.js';
import { checkFolders } from '../../../../runtime/doctor/folders.js';
import { checkModels } from '../../../../runtime/doctor/models.js';
import { checkPorts, permissionRemedy } from '../../../../runtime/doctor/ports.js';
import { checkStore } from '../../../../runtime/doctor/store.js';
import { ModelStore } from '../../../../runtime/swap/index.js';
import { configOf } from '../../../support/daemon.js';
import { temporaryFolder } from '../../../support/small-model.js';
import { storeFolder, storeModel } from '../../../support/store-models.js';

const folder = temporaryFolder();
const sensors = { finger: { transport: { kind: 'simulator' } } };
const levels = (findings: readonly Finding[]): string[] => findings.map(({ level }) => level);

describe('clock', () => {
  const ask = (answer: string) => async () => answer;
  const nothing = async (): Promise<string> => Promise.reject(new Error('no such program'));

  test('is what timedatectl or the mark of timesyncd says, else unknown', async () => {
    assert.equal(await clockSynchronized(ask('yes\n'), () => false), true);
    assert.equal(await clockSynchronized(ask('no\n'), () => false), false);
    assert.equal(await clockSynchronized(nothing, () => true), true);
    assert.equal(await clockSynchronized(nothing, () => false), undefined);
  });

  test('is a warning unless it is synchronised', async () => {
    for (const [state, level] of [
      [true, 'ok'],
      [false, 'warn'],
      [undefined, 'warn'],
    ] as const)
      assert.deepEqual(levels(await checkClock(async () => state)), [level]);
  });
});

describe('engines', () => {
  const engine = (name: string, modes: Record<string, string | undefined>): Engine => ({
    name,
    modes: Object.keys(modes),
    unavailable: async (mode) => modes[mode],
    compile: () => assert.fail('compiled'),
  });
  const all = [
    engine('event', { simd: undefined, plain: undefined }),
    engine('gpu', { webgpu: 'no adapter' }),
  ];
  const using = (name: string, mode?: string) =>
    configOf({
      sensors,
      pipelines: { touch: { sensors: ['finger'], model: 'demo', engine: { name, mode } } },
    });

  test('each tells its modes, and why it lacks others', async () => {
    const [event, gpu] = await checkEngines(using('event'), all);
    assert.deepEqual([event!.level, event!.text], ['ok', 'event runs: simd, plain']);
    assert.deepEqual([gpu!.level, gpu!.text], ['warn', 'gpu runs in no mode; not webgpu (no adapter)']);
  });

  test('one that a pipeline wants and that is not to be had is a failure', async () => {
    const found = async (name: string, mode?: string) =>
      (await checkEngines(using(name, mode), all)).filter(({ level }) => level === 'fail');
    assert.match((await found('gpu'))[0]!.text, /pipeline touch wants gpu: it runs in no mode here/);
    assert.match((await found('gpu', 'webgpu'))[0]!.text, /wants gpu webgpu: no adapter/);
    assert.match((await found('event', 'fast'))[0]!.text, /there is no such mode; there are simd, plain/);
    assert.deepEqual(await found('event', 'plain'), []);
    assert.deepEqual(await found('auto'), []);
  });
});

describe('models', () => {
  const using = (...models: string[]) =>
    configOf({
      sensors,
      pipelines: Object.fromEntries(models.map((model, i) => [`p${i}`, { sensors: ['finger'], model }])),
    });

  test('are read and tested, each once', async () => {
    const findings = await checkModels(using('demo', 'demo'));
    assert.deepEqual(levels(findings), ['ok']);
    assert.match(findings[0]!.text, /self-test passed, \d+ windows/);
    assert.deepEqual(levels(await checkModels(configOf({}))), ['ok']);
  });

  test('that are missing or broken fail', async () => {
    const broken = join(folder, 'broken.safetensors');
    writeFileSync(broken, 'no model');
    const findings = await checkModels(using('demmo', broken));
    assert.deepEqual(levels(findings), ['fail', 'fail']);
    assert.match(findings[0]!.text, /no such file; bundled models: demo/);
    assert.ok(findings.every(({ remedy }) => remedy !== undefined));
  });
});

describe('the model store', () => {
  const configWith = (store: string, model: string, pipeline: object = {}) =>
    configOf({
      models: { store },
      sensors,
      pipelines: { touch: { sensors: ['finger'], model, ...pipeline } },
    });
  const checked = (...of: Parameters<typeof configWith>) => checkStore(configWith(...of), {});
  const told = async (findings: Promise<Finding[]>): Promise<string[]> =>
    (await findings).map(({ level, text }) => `${level} ${text}`);

  test('is not spoken of where there is none', async () => {
    assert.deepEqual(await checkStore(configOf({}), {}), []);
  });

  test('tells what each pipeline begins with, damaged or not, and changes nothing', async () => {
    const store = join(storeFolder(), 'store');
    assert.match((await told(checked(store, 'demo')))[0]!, /^ok .* is not there yet; the edge makes it$/);
    assert.equal(existsSync(store), false);
    const models = new ModelStore(store);
    await models.open();
    assert.match((await told(checked(store, 'demo')))[1]!, /^ok pipeline touch .* begins with demo$/);
    assert.match((await told(checked(store, 'store')))[1]!, /^fail no version is active for pipeline touch/);
    assert.equal((await told(checked(store, 'store', { enabled: false }))).length, 1);
    assert.deepEqual(await checkModels(configWith(store, 'store')), [], 'it is no file to be looked for');
    for (const version of ['1', '2']) {
      await models.add(await storeModel(folder, version));
      await models.activate(`small@${version}`, 'touch');
    }
    const [place, serving] = await told(checked(store, 'store'));
    assert.match(place!, /^ok .* may be read and written, 2 versions$/);
    assert.equal(serving, 'ok pipeline touch: small@2 verifies');
    const damage = async (version: string): Promise<void> => {
      const { path } = await models.verify(`small@${version}`);
      chmodSync(path, 0o600);
      writeFileSync(path, 'spoiled');
    };
    await damage('2');
    assert.match(
      (await told(checked(store, 'store')))[1]!,
      /^warn pipeline touch would begin with small@1: /,
    );
    await damage('1');
    assert.match((await told(checked(store, 'store')))[1]!, /^fail pipeline touch has no version that could/);
    writeFileSync(join(store, 'active.json'), '{');
    assert.match((await told(checked(store, 'store')))[0]!, /^fail .*active\.json/);
  });

  test('fails where it cannot be used', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    assert.match((await told(checked(file, 'demo')))[0]!, /^fail .* is no folder$/);
    const [nowhere] = await told(checked(join(folder, 'no', 'store'), 'demo'));
    assert.match(nowhere!, /^fail .*store cannot be made in .*no \(ENOENT\)$/);
    const config = configOf({ models: { store: folder } });
    const [forbidden] = await checkStore(config, {}, forbidding);
    assert.match(forbidden!.text, /may not be read and written \(EACCES\)/);
    const [key] = await checkStore(config, { modelKeys: ['no key'] });
    assert.deepEqual([key!.level, key!.text.startsWith('models.keys: ')], ['fail', true]);
  });
});

const forbidding = { refused: async () => 'EACCES', makingRefused: async () => 'EROFS' };

describe('folders', () => {
  const using = (incoming: string, record: string) =>
    configOf({
      models: { store: join(folder, 'some-store'), incoming },
      record: { folder: record },
      sensors,
    });
  const told = async (...of: Parameters<typeof checkFolders>): Promise<string[]> =>
    (await checkFolders(...of)).map(({ level, text }) => `${level} ${text}`);

  test('that are not configured are not spoken of', async () => {
    assert.deepEqual(await checkFolders(configOf({})), []);
  });

  test('that are there, or can be made, are ok, and nothing is made', async () => {
    const deep = join(folder, 'not', 'yet');
    assert.deepEqual(await told(using(folder, deep)), [
      `ok models.incoming: ${folder} can be used`,
      `ok record.folder: ${deep} can be used`,
    ]);
    assert.equal(existsSync(join(folder, 'not')), false);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.whorl')),
      [],
    );
  });

  test('that are missing, no folders, forbidden or cannot be made fail', async () => {
    const file = join(folder, 'no-folder');
    writeFileSync(file, '');
    const deep = join(folder, 'not', 'yet');
    assert.deepEqual(await told(using(join(folder, 'in'), file)), [
      `fail models.incoming: ${join(folder, 'in')} is not there`,
      `fail record.folder: ${file} is no folder`,
    ]);
    assert.deepEqual(await told(using(folder, folder), forbidding), [
      `fail models.incoming: ${folder} may not be read (EACCES)`,
      `fail record.folder: ${folder} may not be read and written (EACCES)`,
    ]);
    assert.deepEqual(
      (await told(using(folder, deep), forbidding))[1],
      `fail record.folder: ${deep} cannot be made in ${folder} (EROFS)`,
    );
    assert.ok((await checkFolders(using(deep, file))).every(({ remedy }) => remedy !== undefined));
  });
});

describe('ports', () => {
  const bare = { list: async () => ({ ports: [] }), accessError: async () => undefined };

  test('that are configured must be there', async () => {
    const gone = { gone: { transport: { kind: 'serial', path: '/dev/serial/by-id/none' } } };
    const [finding] = await checkPorts(configOf({ sensors: gone }), {
      ...bare,
      accessError: async () => 'ENOENT',
    });
    assert.deepEqual(
      [finding!.level, finding!.text],
      ['fail', 'sensor gone: /dev/serial/by-id/none is not there'],
    );
    const usb = { gone: { transport: { kind: 'serial', usb: 'dead:beef' } } };
    assert.match((await checkPorts(configOf({ sensors: usb }), bare))[0]!.text, /no port has usb dead:beef/);
  });

  test('that may be opened are ok; those of no sensor are told, too, with their latency timer', async () => {
    const [used, other] = ['used', 'other'].map((name) => join(folder, name));
    for (const path of [used!, other!]) writeFileSync(path, '');
    const link = join(folder, 'by-id');
    symlinkSync(used!, link);
    const ports = [
      { path: used!, byId: link },
      { path: other!, vendorId: '0403', productId: '6001', latencyTimerMs: 16 },
    ];
    const config = configOf({ sensors: { finger: { transport: { kind: 'serial', path: link } } } });
    const findings = await checkPorts(config, { ...bare, list: async () => ({ ports }) });
    assert.deepEqual(levels(findings), ['ok', 'ok', 'warn']);
    assert.match(findings[2]!.text, /up to 16 ms/);
    assert.match(findings[2]!.remedy!, /60-whorl\.rules/);
  });

  test('that may not be opened fail where a sensor needs them', async () => {
    const path = join(folder, 'closed');
    writeFileSync(path, '');
    const closed = { list: async () => ({ ports: [{ path }] }), accessError: async () => 'EACCES' };
    const config = configOf({ sensors: { finger: { transport: { kind: 'serial', path } } } });
    assert.deepEqual(levels(await checkPorts(config, closed)), ['fail']);
    const [finding] = await checkPorts(configOf({}), closed);
    assert.equal(finding!.level, 'warn');
    assert.match(finding!.text, /may not be opened \(EACCES\)/);
  });

  test('the remedy names the group of the port, or the login', () => {
    const groups = 'root:x:0:\ndialout:x:20:anna,otto\n';
    assert.equal(permissionRemedy(20, groups, 'eve'), "'sudo usermod -aG dialout eve', then log in again");
    assert.match(permissionRemedy(20, groups, 'otto'), /in its group dialout since this login/);
    for (const gid of [0, 99])
      assert.match(permissionRemedy(gid, groups, 'eve'), /udev rule 60-whorl\.rules/);
  });
});

describe('broker', () => {
  test('the embedded one needs a free port', async (t) => {
    const free = configOf({});
    assert.deepEqual(levels(await checkBroker(free, {})), ['ok']);
    const server = createServer();
    t.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const [finding] = await checkBroker({ ...free, broker: { ...free.broker, port } }, {});
    assert.equal(finding!.level, 'warn');
    assert.match(finding!.text, /is in use/);
  });

  test('one that is not there fails, with what to do', async () => {
    const [finding] = await checkBroker(configOf({ mqtt: { url: 'mqtt://127.0.0.1:1' } }), {});
    assert.equal(finding!.level, 'fail');
    assert.match(finding!.text, /ECONNREFUSED/);
    assert.match(finding!.remedy!, /start the broker/);
  });
});
