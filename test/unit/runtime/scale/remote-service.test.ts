import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planAnytime } from '../../../../runtime/inference/anytime.js';
import { decodeWindow, encodeAnswer, encodeRefusal } from '../../../../runtime/scale/messages.js';
import { inferenceOf, RemoteBench, session } from '../../../support/remote-service.js';
import { settled } from '../../../support/scripted-worker.js';
import { smallModelFile, temporaryFolder } from '../../../support/small-model.js';

const path = await smallModelFile(temporaryFolder());

test('a window goes out with a response topic, its number and an expiry, and its answer becomes a result', async () => {
  const bench = await RemoteBench.withWorker(path);
  const lane = bench.service.open(4, () => {});
  bench.service.submit(lane, bench.job('w0'));
  const message = bench.link.sent.find(({ topic }) => topic === bench.windowTopic)!;
  assert.equal(message.qos, 1);
  assert.equal(message.expiryS, 2);
  assert.equal(message.responseTopic, 'tactile/v1/e1/work/answer');
  assert.equal(String(message.correlation), `${session}:0`);
  assert.equal(decodeWindow(message.payload as Uint8Array).count, 2);
  await bench.answer(0);
  assert.deepEqual(bench.ends, ['w0 press']);
  assert.equal(bench.clock.waiting, 0, 'no timer is left behind');
});

test('several windows are with workers at a time, and their answers are dealt with in the order of the windows', async () => {
  const bench = await RemoteBench.withWorker(path);
  const lane = bench.service.open(8, () => {});
  for (const name of ['w0', 'w1', 'w2', 'w3']) bench.service.submit(lane, bench.job(name));
  assert.deepEqual(
    bench.sent,
    [0, 1].map((n) => `${session}:${n}`),
  );
  await bench.answer(1);
  assert.deepEqual(bench.ends, []);
  await bench.answer(0);
  assert.deepEqual(bench.ends, ['w0 press', 'w1 slip']);
  assert.deepEqual(bench.sent.length, 4);
  await bench.answer(3);
  await bench.answer(2);
  assert.deepEqual(bench.ends.slice(2), ['w2 none', 'w3 press']);
});

test('a full queue gives up its oldest window, never one that is with a worker', async () => {
  const bench = await RemoteBench.withWorker(path);
  const lane = bench.service.open(1, () => {});
  for (const name of ['w0', 'w1', 'w2', 'w3']) bench.service.submit(lane, bench.job(name));
  assert.deepEqual(bench.ends, ['w2 dropped: newer']);
});

test('a window without an answer is sent again under its number, then lost; a late answer is a duplicate', async () => {
  const bench = await RemoteBench.withWorker(path);
  const lane = bench.service.open(4, () => {});
  bench.service.submit(lane, bench.job('w0'));
  bench.clock.advance(499);
  assert.equal(bench.sent.length, 1);
  bench.clock.advance(1001);
  await settled();
  assert.deepEqual(
    bench.sent,
    [0, 0, 0].map((n) => `${session}:${n}`),
  );
  assert.deepEqual(bench.ends, ['w0 no worker answered within 3 x 500 ms']);
  await bench.answer(0);
  assert.equal(bench.ends.length, 1);
  const [{ lost, resent, duplicates }] = bench.service.counters as [RemoteBench['service']['counters'][0]];
  assert.deepEqual({ lost, resent, duplicates }, { lost: 1, resent: 2, duplicates: 1 });
});

test('the first answer counts; the second, those of other sessions and of windows never sent are counted and dropped', async () => {
  const bench = await RemoteBench.withWorker(path);
  const lane = bench.service.open(4, () => {});
  bench.service.submit(lane, bench.job('w0'));
  await bench.answer(0, undefined, 'deadbeef');
  await bench.answer(7);
  assert.deepEqual(bench.ends, []);
  await bench.answer(0);
  await bench.answer(0, encodeAnswer('b', inferenceOf(2)));
  assert.deepEqual(bench.ends, ['w0 press']);
  const [{ answered, duplicates, stray }] = bench.service.counters as [RemoteBench['service']['counters'][0]];
  assert.deepEqual({ answered, duplicates, stray }, { answered: 1, duplicates: 1, stray: 2 });
});

test('an answer that this network cannot give is counted, told once and not believed; the window is sent again', async () => {
  const bench = await RemoteBench.withWorker(path);
  const lane = bench.service.open(4, () => {});
  bench.service.submit(lane, bench.job('w0'));
  const two = { counts: { time: Uint32Array.of(1, 2), location: Uint32Array.of(1, 2) } };
  const many = { counts: { time: Uint32Array.of(1, 2, 3000), location: Uint32Array.of(1, 2, 3) } };
  const fused = { counts: { ...inferenceOf(0).counts, fused: Uint32Array.of(1, 0, 0) } };
  for (const wrong of [two, many, fused]) {
    const payload = encodeAnswer('a', { ...inferenceOf(0), ...wrong });
    await bench.answer(0, payload);
    await bench.answer(0, payload);
  }
  await bench.answer(0, Buffer.from('nonsense'));
  assert.deepEqual(bench.ends, []);
  assert.equal(bench.service.counters[0]!.invalid, 7);
  assert.deepEqual(
    bench.lines.filter(({ level, message }) => level === 'warn' && message.includes('cannot be')).length,
    4,
  );
  bench.clock.advance(500);
  await bench.answer(0);
  assert.deepEqual(bench.ends, ['w0 press']);
});

test('a window that a worker refuses has failed, with the reason of the worker', async () => {
  const bench = await RemoteBench.withWorker(path);
  bench.service.submit(
    bench.service.open(4, () => {}),
    bench.job('w0'),
  );
  await bench.answer(0, encodeRefusal('a', 'cell 7 lies outside'));
  assert.deepEqual(bench.ends, ['w0 cell 7 lies outside']);
  assert.equal(bench.service.counters[0]!.failed, 1);
});

test('when a worker goes, what is on its way is sent to the others at once', async () => {
  const bench = await RemoteBench.withWorker(path);
  bench.come('b');
  const lane = bench.service.open(4, () => {});
  for (const name of ['w0', 'w1']) bench.service.submit(lane, bench.job(name));
  bench.go('a');
  assert.deepEqual(
    bench.sent,
    [0, 1, 0, 1].map((n) => `${session}:${n}`),
  );
  bench.go('a');
  bench.go('nobody');
  assert.equal(bench.sent.length, 4);
  assert.equal(bench.service.workersUp, 1);
  assert.equal(bench.service.counters[0]!.left, 1);
});

test('without a worker the faults say what to start; live windows grow old, and go when a worker comes in time', async () => {
  const bench = await RemoteBench.withWorker(path);
  assert.deepEqual(bench.service.faults, []);
  bench.go('a');
  assert.match(
    bench.service.faults.join(),
    /^no worker serves model small \([0-9a-f]{16}\); start one: whorl worker --broker mqtt:\/\/broker:1883 --model FILE$/,
  );
  const lane = bench.service.open(1, () => {});
  for (const name of ['w0', 'w1', 'w2']) bench.service.submit(lane, bench.job(name));
  bench.clock.advance(1500);
  await settled();
  assert.deepEqual(
    bench.ends,
    ['w0', 'w1'].map((name) => `${name} there was no worker within 3 x 500 ms`),
  );
  assert.deepEqual(bench.sent, []);
  const told = bench.faultsTold;
  bench.come('b');
  assert.deepEqual(bench.service.faults, []);
  assert.equal(bench.faultsTold, told + 1);
  assert.deepEqual(bench.sent, [`${session}:2`]);
});

test('a recording waits for a worker, however long', async () => {
  const bench = await RemoteBench.withWorker(path);
  const lane = bench.service.open(100, () => {}, true);
  for (const name of ['w0', 'w1', 'w2']) bench.service.submit(lane, bench.job(name));
  bench.go('a');
  bench.clock.advance(600_000);
  await settled();
  assert.deepEqual(bench.ends, []);
  bench.come('a');
  for (const sequence of [0, 1]) await bench.answer(sequence);
  await bench.answer(2);
  assert.deepEqual(bench.ends, ['w0 press', 'w1 slip', 'w2 none']);
});

test('a broker that was away is subscribed to anew; nobody is known until heard of, then open windows go again', async () => {
  const bench = await RemoteBench.withWorker(path);
  bench.service.submit(
    bench.service.open(4, () => {}),
    bench.job('w0'),
  );
  bench.link.end('lost', 'gone');
  assert.equal(bench.service.workersUp, 0);
  assert.deepEqual(bench.service.faults, [
    'windows cannot be sent to workers: no connection to mqtt://broker:1883 (lost: gone)',
  ]);
  bench.clock.advance(100);
  bench.link.accept();
  assert.deepEqual(bench.link.subscriptions, ['tactile/v1/e1/work/answer', 'tactile/v1/work/worker/+']);
  assert.deepEqual(bench.sent, []);
  bench.come('a');
  assert.deepEqual(bench.sent, [`${session}:0`]);
});

test('a broker of MQTT 3.1.1 alone is told plainly', async () => {
  const bench = new RemoteBench();
  bench.service.start();
  assert.deepEqual([bench.link.version, bench.links.length], [5, 1]);
  bench.link.end('version', 'unacceptable protocol version');
  assert.match(bench.service.faults.join(), /does not speak MQTT 5, .*; Mosquitto 2 does/);
});

test('a model is what its file says, run by what its workers say; without a worker it loads after 2 s', async () => {
  const bench = await RemoteBench.withWorker(path);
  const source = { path, engine: { name: 'event' } };
  const loaded = await bench.service.load(source);
  assert.ok(loaded.ok);
  const { id, engine, mode, verified, medianUs, labels } = loaded.model;
  assert.deepEqual(
    { id, engine, mode, verified, medianUs },
    { id: 'small', engine: 'gpu', mode: 'webgpu', verified: 8, medianUs: 900 },
  );
  assert.deepEqual(labels, ['press', 'slip', 'none']);
  const plan = planAnytime(1, loaded.model, { kind: 'sliding', hopUs: 40, emitEmpty: false });
  assert.match(plan.on ? '' : plan.reason, /^a gateway sends whole windows/);
  bench.go('a');
  let isLoaded = false;
  const loading = bench.service.load(source).then((outcome) => {
    isLoaded = true;
    return outcome;
  });
  while (bench.clock.waiting === 0) await settled();
  bench.clock.advance(1999);
  await settled();
  assert.ok(!isLoaded);
  bench.clock.advance(1);
  const late = await loading;
  assert.ok(late.ok);
  assert.equal(late.model.engine, 'remote');
  const refused = await bench.service.load({ ...source, path: '/no/model' });
  assert.match(refused.ok ? '' : refused.reason, /no such file/);
});

test('a model that is to take over is refused while no worker has it', async () => {
  const bench = await RemoteBench.withWorker(path);
  const source = { path, engine: { name: 'event' } };
  assert.ok((await bench.service.loadApart(source)).ok);
  bench.go('a');
  const loading = bench.service.loadApart(source);
  while (bench.clock.waiting === 0) await settled();
  bench.clock.advance(2000);
  const refused = await loading;
  assert.match(
    refused.ok ? '' : refused.reason,
    /^no worker serves model small \([0-9a-f]{16}\) yet; start one with it first: whorl worker --broker mqtt:\S+ --model FILE$/,
  );
});

test('windows for a model that is there no more are dropped', async () => {
  const bench = await RemoteBench.withWorker(path);
  const lane = bench.service.open(4, () => {});
  for (const name of ['w0', 'w1', 'w2']) bench.service.submit(lane, bench.job(name));
  bench.service.abandon(lane, bench.handle);
  await bench.service.unload(bench.handle);
  bench.service.submit(lane, bench.job('w3'));
  assert.deepEqual(bench.ends, ['w2 dropped: failed', 'w3 dropped: failed']);
  await bench.answer(0);
  assert.deepEqual(bench.ends.slice(2), ['w0 press']);
});

test('a worker too slow for the time it is given is warned of', async () => {
  const bench = await RemoteBench.withWorker(path);
  bench.come('slow', 300_000);
  assert.ok(bench.lines.some(({ message }) => message.includes('raise scale.retryMs')));
});

test('a stop waits for answers, then drops what waits and loses what has none', async () => {
  const bench = await RemoteBench.withWorker(path);
  const lane = bench.service.open(8, () => {});
  for (const name of ['w0', 'w1', 'w2', 'w3']) bench.service.submit(lane, bench.job(name));
  const stopping = bench.service.stop(1000);
  bench.service.submit(lane, bench.job('w4'));
  await bench.answer(0);
  bench.clock.advance(499);
  const closing = bench.service.close(lane, 'stopped');
  bench.clock.advance(501);
  await settled();
  await stopping;
  await closing;
  assert.deepEqual(bench.ends, [
    'w4 dropped: stopped',
    'w0 press',
    'w3 dropped: stopped',
    'w1 the runtime stops',
    'w2 the runtime stops',
  ]);
  assert.equal(bench.clock.waiting, 0, 'no timer is left behind');
});
