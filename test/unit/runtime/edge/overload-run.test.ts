/** The short form of `npm run drill -- overload`: the same load and the same promises on a clock that the test moves. */
import { test } from 'node:test';
import { LoadGuard } from '../../../../runtime/edge/load-guard.js';
import { InferenceCore } from '../../../../runtime/inference/core.js';
import { InferenceService, Pipeline, type SpawnWorker } from '../../../../runtime/inference/index.js';
import { serve } from '../../../../runtime/inference/serve.js';
import { FakeClock } from '../../../support/clock.js';
import { recordingLog } from '../../../support/log.js';
import { OverloadLedger } from '../../../support/overload-ledger.js';
import {
  overloadDeadlineMs,
  overloadHopMs,
  overloadInput,
  overloadQueue,
  slowness,
  touches,
} from '../../../support/overload-terms.js';
import { settled } from '../../../support/scripted-worker.js';
import { smallModelFile, smallNetwork, temporaryFolder } from '../../../support/small-model.js';
import { at } from '../../../support/window-rows.js';

const path = await smallModelFile(temporaryFolder(), smallNetwork(1, overloadInput));
const model = { path, engine: { name: 'event' } };

async function setUp() {
  const clock = new FakeClock();
  const ledger = new OverloadLedger();
  const spawn: SpawnWorker = ({ onReply }) => {
    const core = new InferenceCore({ monoUs: () => clock.monoUs() });
    return {
      post: (request) =>
        void serve(core, request).then((reply) =>
          request.kind === 'load' ? onReply(reply) : clock.setTimer(() => onReply(reply), slowness(request)),
        ),
      terminate: async () => {},
    };
  };
  const service = new InferenceService({ clock, spawn });
  service.start();
  const pipeline = new Pipeline(
    {
      ...{ name: 'slip', sensors: ['finger'], model, queueLimit: overloadQueue, everyBins: 1 },
      policy: { kind: 'sliding', hopUs: 1000 * overloadHopMs, emitEmpty: false },
      deadlineUs: () => 1000 * overloadDeadlineMs,
      onResult: ({ final, late, timings }) => ledger.result(final, late, timings.totalUs / 1000),
    },
    service,
    clock,
  );
  await pipeline.start();
  const trial = await pipeline.prepare(model, 1000);
  if (trial.ok) await pipeline.try(trial.prepared);
  const pipelines = new Map([['slip', pipeline]]);
  const guard = new LoadGuard({ clock, log: recordingLog().log, pipelines, onChange: () => {} });
  guard.start();
  return { clock, ledger, pipeline, guard };
}

test('overload leaves out trials, then updates, then windows; all is counted, told, and over afterwards', async () => {
  const { clock, ledger, pipeline, guard } = await setUp();
  const seconds = (): number => clock.monoUs() / 1e6;
  const pass = async (ms: number, heavy: boolean): Promise<void> => {
    for (let i = 0; i < ms; i += 10) {
      const atMs = clock.monoUs() / 1000;
      if (touches(atMs, heavy)) pipeline.add(0, at(clock.monoUs()));
      else pipeline.advance(0, clock.monoUs());
      await settled();
      clock.advance(10);
      await settled();
      ledger.look(seconds(), pipeline.counters, guard.reasons.length > 0);
    }
  };
  await pass(2000, false);
  ledger.begins(seconds());
  await pass(15_000, true);
  ledger.ends(seconds());
  await pass(25_000, false);
  ledger.figures(pipeline.counters, 0);
});
