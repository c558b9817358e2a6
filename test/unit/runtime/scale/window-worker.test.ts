import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readModelFile } from '../../../../models/index.js';
import { InferenceCore } from '../../../../runtime/inference/core.js';
import { InferenceService, localWorker, type SpawnWorker } from '../../../../runtime/inference/index.js';
import { decodeAnswer, decodePresence, encodeWindow } from '../../../../runtime/scale/messages.js';
import { RemoteModel } from '../../../../runtime/scale/remote-model.js';
import { WindowWorker } from '../../../../runtime/scale/window-worker.js';
import { FakeClock } from '../../../support/clock.js';
import { type FakeLink, fakeLinks } from '../../../support/fake-link.js';
import { recordingLog } from '../../../support/log.js';
import { ScriptedWorkers, settled } from '../../../support/scripted-worker.js';
import { smallModelFile, temporaryFolder } from '../../../support/small-model.js';

const path = await smallModelFile(temporaryFolder());
const model = await readModelFile(path);
const name = model.sha256.slice(0, 16);
const topic = `tactile/v1/e1/work/${name}/window`;
const responseTopic = 'tactile/v1/e1/work/answer';
const correlation = Buffer.from('0badcafe:0');

async function setUp(
  t: TestContext,
  { spawn, models = [path] }: { spawn?: SpawnWorker; models?: string[] } = {},
) {
  const clock = new FakeClock();
  const { log, lines } = recordingLog();
  const { open, links } = fakeLinks();
  const failures: string[] = [];
  const rivals: string[] = [];
  const worker = new WindowWorker({
    ...{ id: 'w1', baseTopic: 'tactile', group: 'crew', clock, log, open, random: () => 0 },
    models: models.map((file) => ({ path: file, engine: { name: 'event' } })),
    service: new InferenceService({ clock, spawn: spawn ?? localWorker(new InferenceCore(clock)) }),
    target: { url: 'mqtt://broker:1883', keepaliveS: 10, rejectUnauthorized: true },
    reconnect: { minMs: 100, maxMs: 100 },
    onFailure: (reason) => failures.push(reason),
    onRival: (reason) => rivals.push(reason),
  });
  t.after(async () => {
    const stopping = worker.stop();
    await settled();
    clock.advance(3000);
    await stopping;
  });
  const link = (): FakeLink => links.at(-1)!;
  return { clock, lines, links, link, worker, failures, rivals };
}

test('a worker proves its models, subscribes with its group, and says what it has, retained', async (t) => {
  const { worker, link } = await setUp(t);
  await worker.start();
  const { identity, version } = link();
  assert.equal(version, 5);
  assert.deepEqual(identity.will, { topic: 'tactile/v1/work/worker/w1', payload: '' });
  assert.equal(identity.receiveMaximum, 2);
  link().accept();
  assert.deepEqual(link().subscriptions, [`$share/crew/tactile/v1/+/work/${name}/window`]);
  const [presence] = link().sent;
  assert.equal(presence!.topic, 'tactile/v1/work/worker/w1');
  assert.ok(presence!.retain);
  const [served] = decodePresence(Buffer.from(presence!.payload as string));
  assert.equal(served!.sha256, model.sha256);
  assert.equal(served!.engine, 'event');
  assert.equal(served!.verified, 3);
});

test('a broker that gives our name to another, or lets us in and hangs up each time, is told as a rival', async (t) => {
  const { worker, link, clock, rivals } = await setUp(t);
  await worker.start();
  /** It is up for so long, until the broker ends it. */
  const up = (ms: number, cause: 'hung-up' | 'lost' | 'taken'): void => {
    link().accept();
    clock.advance(ms);
    link().end(cause);
    clock.advance(60_000);
  };
  for (const ms of [1000, 1000, 61_000, 1000]) up(ms, 'hung-up');
  up(1000, 'lost');
  for (const ms of [1000, 1000]) up(ms, 'hung-up');
  assert.deepEqual(rivals, []);
  up(1000, 'hung-up');
  assert.match(rivals.join(), /^the broker has let this worker in and hung up 3 times in a row/);
  up(1000, 'taken');
  assert.match(rivals[1]!, /^another client has connected in the name of this worker$/);
});

test('a window is acknowledged after its answer has been written, which is what the network says', async (t) => {
  const { worker, link } = await setUp(t);
  await worker.start();
  link().accept();
  const cells = Uint32Array.of(0, 3, 8);
  const handled = link().deliver({ topic, payload: encodeWindow(cells), responseTopic, correlation });
  assert.ok(handled instanceof Promise);
  assert.equal(link().sent.length, 1);
  await handled;
  const answer = link().sent.at(-1)!;
  assert.equal(answer.topic, responseTopic);
  assert.equal(answer.correlation, correlation);
  const said = decodeAnswer(answer.payload as Uint8Array);
  assert.ok(said.ok);
  const { decision, counts } = new RemoteModel(model).inference(said, cells.length);
  const core = new InferenceCore(new FakeClock());
  await core.load(1, { path, engine: { name: 'event' } });
  const direct = await core.infer(1, cells);
  assert.deepEqual(counts, direct.counts);
  assert.deepEqual(decision, direct.decision);
  assert.equal(worker.counters.answered, 1);
});

test('what is no window for it is ignored, and what asks for an answer anywhere but at its edge too', async (t) => {
  const { worker, link } = await setUp(t);
  await worker.start();
  link().accept();
  const window = { topic, payload: encodeWindow(Uint32Array.of(1)), responseTopic, correlation };
  const elsewhere = [
    'tactile/v1/e1/status',
    'tactile/v1/e2/work/answer',
    'other/v1/e1/work/answer',
    'tactile/v1/e1/work/answer/x',
  ];
  for (const change of [
    ...elsewhere.map((one) => ({ responseTopic: one })),
    { topic: 'tactile/v1/e1/work/0123456789abcdef/window' },
    { correlation: Buffer.alloc(65) },
  ])
    await link().deliver({ ...window, ...change });
  const { responseTopic: _, ...silent } = window;
  await link().deliver(silent);
  assert.equal(link().sent.length, 1, 'the word about itself alone');
  assert.equal(worker.counters.ignored, 7);
});

test('a window that cannot be read is refused with the reason', async (t) => {
  const { worker, link } = await setUp(t);
  await worker.start();
  link().accept();
  for (const payload of [Buffer.from('x'), encodeWindow(Uint32Array.of(1_000_000))])
    await link().deliver({ topic, payload, responseTopic, correlation });
  const reasons = link()
    .sent.slice(1)
    .map(({ payload }) => decodeAnswer(payload as Uint8Array));
  assert.ok(reasons.every((said) => !said.ok));
  assert.match(JSON.stringify(reasons[1]), /cell 1000000 lies outside a window of \d+ cells/);
  assert.equal(worker.counters.refused, 2);
});

test('a window that ends its thread gets no answer, so that it is sent again; the thread comes back', async (t) => {
  const workers = new ScriptedWorkers();
  const { worker, link, clock } = await setUp(t, { spawn: workers.spawn });
  const starting = worker.start();
  await settled();
  const core = new InferenceCore(new FakeClock());
  const loaded = await core.load(1, { path, engine: { name: 'event' } });
  await workers.reply('load', { value: loaded });
  await starting;
  link().accept();
  const payload = encodeWindow(Uint32Array.of(1));
  const handled = link().deliver({ topic, payload, responseTopic, correlation });
  await settled();
  await workers.crash();
  await handled;
  assert.equal(link().sent.length, 1);
  assert.equal(worker.counters.unanswered, 1);
  clock.advance(100);
  assert.equal(workers.spawned, 2);
});

test('a model that is refused when it is loaded again is told, once served', async (t) => {
  const workers = new ScriptedWorkers();
  const { worker, failures, clock } = await setUp(t, { spawn: workers.spawn });
  const starting = worker.start();
  await settled();
  const core = new InferenceCore(new FakeClock());
  await workers.reply('load', { value: await core.load(1, { path, engine: { name: 'event' } }) });
  await starting;
  await workers.crash();
  clock.advance(100);
  await workers.reply('load', { reason: 'the file has changed' });
  assert.deepEqual(failures, ['the file has changed']);
});

test('a model that cannot be served keeps the worker from starting', async (t) => {
  const { worker, links } = await setUp(t, { models: ['/no/model.safetensors'] });
  await assert.rejects(worker.start(), /^Error: \/no\/model\.safetensors: .*no such file/);
  assert.equal(links.length, 0);
});

test('a stop takes no more windows, answers what is here, and takes its word back', async (t) => {
  const { worker, link } = await setUp(t);
  await worker.start();
  link().accept();
  await worker.stop();
  assert.deepEqual(link().subscriptions, []);
  const last = link().sent.at(-1)!;
  assert.deepEqual([last.topic, last.payload, last.retain], ['tactile/v1/work/worker/w1', '', true]);
  assert.equal(link().state, 'closed');
});
