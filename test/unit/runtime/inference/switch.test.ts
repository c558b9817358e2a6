import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InferenceService } from '../../../../runtime/inference/index.js';
import { FakeClock } from '../../../support/clock.js';
import * as fc from '../../../support/fast-check.js';
import { ScriptedWorkers } from '../../../support/scripted-worker.js';
import { smallModelFile, smallNetwork } from '../../../support/small-model.js';
import { event, folder, one, switchBench, two } from '../../../support/switch-bench.js';
import { at } from '../../../support/window-rows.js';

test('the window that has begun is the old model’s, the next one the new model’s; none is lost', async () => {
  const { pipeline, prepare, answers, rest, workers, results } = await switchBench();
  pipeline.add(0, at(1, 45));
  const prepared = await prepare();
  assert.equal(workers(), 2, 'it was loaded beside the running one');
  const { first, previous, drained } = pipeline.serve(prepared);
  assert.equal(first, 2, 'window 1 has begun');
  assert.equal(pipeline.model!.version, '2');
  let isDrained = false;
  void drained.then(() => {
    isDrained = true;
  });
  pipeline.add(0, at(79));
  await rest();
  assert.equal(isDrained, false);
  pipeline.add(0, at(81, 125));
  await rest();
  assert.equal(isDrained, true);
  assert.deepEqual(answers(), ['0:1', '1:1', '2:2']);
  assert.deepEqual(
    results.map(({ window }) => window.index),
    [0, 1, 2],
  );
  await pipeline.unload(previous!);
  pipeline.add(0, at(165));
  await rest();
  assert.deepEqual(answers().at(-1), '3:2');
});

test('back again is a change of pointers: nothing is loaded', async () => {
  const { pipeline, prepare, answers, rest, workers } = await switchBench();
  const { previous } = pipeline.serve(await prepare());
  pipeline.add(0, at(1, 45));
  const back = pipeline.serve(previous!);
  assert.equal(back.first, 2);
  pipeline.add(0, at(85, 125));
  await rest();
  assert.deepEqual(answers(), ['0:2', '1:2', '2:1']);
  assert.equal(workers(), 2);
});

test('answers during the touch: overlapping windows go on with the model that they have begun with', async () => {
  const { pipeline, prepare, answers, rest, losses } = await switchBench({
    everyBins: 1,
    policy: { kind: 'sliding', hopUs: 20, emitEmpty: false },
  });
  const prepared = await prepare();
  for (const tUs of [1, 11, 21]) pipeline.add(0, at(tUs));
  await rest();
  const { first } = pipeline.serve(prepared);
  assert.equal(first, 3, 'windows from -20, 0 and 20 us on have begun');
  for (const tUs of [31, 41, 51, 61, 71, 81]) {
    pipeline.add(0, at(tUs));
    await rest();
  }
  pipeline.flush();
  await rest();
  const byVersion = (version: string): number[] => [
    ...new Set(
      answers()
        .filter((answer) => answer.endsWith(`:${version}`))
        .map((answer) => Number.parseInt(answer, 10)),
    ),
  ];
  assert.deepEqual(byVersion('1'), [0, 1, 2]);
  assert.deepEqual(byVersion('2'), [3, 4, 5]);
  assert.deepEqual(losses, []);
  const { windows, answered } = pipeline.counters;
  assert.deepEqual([windows, answered], [6, 6]);
});

test('whatever comes when: each window has one answer, in order, by the model that it began with', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constant('swap' as const)), { maxLength: 40 }),
      fc.constantFrom(20, 40, 60),
      fc.constantFrom(0, 1),
      async (script, hopUs, everyBins) => {
        const policy = { kind: 'sliding', hopUs, emitEmpty: everyBins === 0 } as const;
        const { pipeline, prepare, results, losses, rest } = await switchBench({ policy, everyBins });
        let other = await prepare();
        const switches: { first: number; version: string }[] = [{ first: 0, version: '1' }];
        let tUs = 1;
        for (const step of script) {
          if (step === 'swap') {
            const { first, previous } = pipeline.serve(other);
            switches.push({ first, version: other.model.version });
            other = previous!;
          } else {
            tUs += step;
            pipeline.add(0, at(tUs));
          }
          if (tUs % 3 === 0) await rest();
        }
        pipeline.flush();
        await rest();
        assert.deepEqual(losses, []);
        const final = results.filter((result) => result.final);
        assert.deepEqual(
          final.map(({ window }) => window.index),
          final.map((_, i) => i),
        );
        assert.equal(final.length, pipeline.counters.windows);
        for (const { window, model } of results)
          assert.equal(model.version, switches.findLast(({ first }) => first <= window.index)!.version);
        await pipeline.stop();
      },
    ),
    { numRuns: 60 },
  );
});

test('a model that does not fit is refused with a code, and freed', async () => {
  const { pipeline, service, answers, rest } = await switchBench();
  const other = { ...smallNetwork().spec.input, bins: 5 };
  for (const [network, code, reason] of [
    [smallNetwork(1, other), 'other_window', /windows of 5 bins of 0.01 ms, the pipeline makes .* 4 bins/],
    [smallNetwork(2), 'wrong_shape', /4 channels, 1 sensors give 2/],
  ] as const) {
    const refused = await pipeline.prepare(
      { path: await smallModelFile(folder, network), engine: event },
      1000,
    );
    assert.ok(!refused.ok);
    assert.equal(refused.code, code);
    assert.match(refused.reason, reason);
  }
  const absent = await pipeline.prepare({ path: '/absent', engine: event }, 1000);
  assert.ok(!absent.ok && absent.code === 'not_loaded');
  assert.equal(service.workersUp, 1, 'its worker is ended');
  pipeline.add(0, at(1, 45));
  await rest();
  assert.deepEqual(answers(), ['0:1']);
});

test('a pipeline without a model begins to run with its first', async () => {
  const { pipeline, prepare, answers, rest } = await switchBench({
    model: { missing: 'nothing is activated' },
  });
  assert.deepEqual([pipeline.state, pipeline.reason], ['failed', 'nothing is activated']);
  pipeline.serve(await prepare());
  assert.equal(pipeline.state, 'running');
  pipeline.add(0, at(1, 45));
  await rest();
  assert.deepEqual(answers(), ['0:2']);
});

test('a model on trial sees what the other sees, and says it elsewhere', async () => {
  const { pipeline, prepare, answers, shadows, rest } = await switchBench();
  await pipeline.try(await prepare());
  pipeline.add(0, at(1, 45, 85, 125));
  await rest();
  assert.deepEqual(answers(), ['0:1', '1:1', '2:1']);
  const { counters } = pipeline.shadow!;
  assert.deepEqual({ ...counters }, { windows: 3, answered: 2, dropped: 1, failed: 0 });
  assert.deepEqual(
    shadows.map(({ window, model }) => `${window.index}:${model.version}`),
    ['0:2', '2:2'],
  );
  await pipeline.try(undefined);
  assert.equal(pipeline.shadow, undefined);
});

test('a model that takes too long to load is refused, and its worker ended', async () => {
  const clock = new FakeClock();
  const script = new ScriptedWorkers();
  const service = new InferenceService({ clock, spawn: script.spawn });
  service.start();
  const loading = service.load(one);
  await script.reply('load', { value: { id: 'm' } });
  assert.ok((await loading).ok);
  const late = service.loadApart(two, 500);
  assert.equal(script.spawned, 2);
  clock.advance(500);
  const outcome = await late;
  assert.ok(!outcome.ok);
  assert.match(outcome.reason, /no answer to load within 500 ms/);
  assert.equal(service.failure(1), undefined);
});

test('a worker that has nothing to do any more is ended, and its counts are kept', async () => {
  const { pipeline, service, prepare, rest } = await switchBench();
  pipeline.add(0, at(1, 45));
  await rest();
  const { previous, drained } = pipeline.serve(await prepare());
  assert.equal(service.workersUp, 2);
  pipeline.add(0, at(81));
  await rest();
  await drained;
  await pipeline.unload(previous!);
  assert.equal(service.workersUp, 1);
  pipeline.add(0, at(125));
  await rest();
  assert.equal(
    service.counters.reduce((sum, { answered }) => sum + answered, 0),
    3,
  );
  assert.equal(pipeline.counters.answered, 3);
});

test('at level 1 a model on trial is given no windows, which is counted; below it is', async () => {
  const { pipeline, prepare, rest, results, shadows } = await switchBench();
  await pipeline.try(await prepare());
  pipeline.shed(1);
  pipeline.add(0, at(1, 45));
  await rest();
  pipeline.shed(0);
  pipeline.add(0, at(81));
  await rest();
  assert.equal(results.length, 2);
  assert.deepEqual(
    shadows.map(({ window }) => window.index),
    [1],
  );
  assert.equal(pipeline.counters.shedShadow, 1);
});

test('early answers that nobody takes well keep no window from its end', async () => {
  const { pipeline, prepare, rest, answers } = await switchBench({
    ...{ everyBins: 1, everyAnswer: true },
    onResult: ({ final }) => {
      if (!final) throw new Error('nobody listens');
    },
  });
  pipeline.add(0, at(1, 11, 21, 31, 45));
  await rest();
  const { drained } = pipeline.serve(await prepare());
  pipeline.add(0, at(85));
  await rest();
  await drained;
  assert.deepEqual(answers(), []);
  const { windows, answered } = pipeline.counters;
  assert.deepEqual([windows, answered], [2, 2]);
});

test('whoever hears of answers may throw: the model before is drained all the same', async () => {
  const { pipeline, prepare, rest } = await switchBench({
    onResult: () => {
      throw new Error('nobody listens');
    },
  });
  pipeline.add(0, at(1));
  const { drained } = pipeline.serve(await prepare());
  pipeline.add(0, at(41, 81));
  await rest();
  await drained;
  assert.equal(pipeline.counters.answered, 2);
});
