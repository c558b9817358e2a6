import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GuardedPipeline, LoadGuard } from '../../../../runtime/edge/load-guard.js';
import type { ShedLevel } from '../../../../runtime/inference/index.js';
import { LateClock } from '../../../support/clock.js';
import { pipelineCounters } from '../../../support/counters.js';
import { recordingLog } from '../../../support/log.js';

/** A pipeline whose counters the test moves. */
class Busy implements GuardedPipeline {
  readonly counters = pipelineCounters();
  level: ShedLevel = 0;

  constructor(readonly mayShed = true) {}

  shed(level: ShedLevel): void {
    this.level = level;
  }

  answer(count: number, late: number): void {
    this.counters.windows += count;
    this.counters.answered += count;
    this.counters.late += late;
  }
}

function setUp(pipelines: Readonly<Record<string, Busy>>) {
  const clock = new LateClock();
  const { log, lines } = recordingLog();
  const told: string[][] = [];
  const guard: LoadGuard = new LoadGuard({
    ...{ clock, log, pipelines: new Map(Object.entries(pipelines)) },
    onChange: () => told.push(guard.reasons),
  });
  guard.start();
  /** So many seconds, in each of which the pipelines give ten answers. */
  const pass = (seconds: number, late: number): void => {
    for (let i = 0; i < seconds; i++) {
      for (const pipeline of Object.values(pipelines)) pipeline.answer(10, late);
      clock.advance(1000);
    }
  };
  return { clock, guard, lines, told, pass };
}

test('a pipeline that is overloaded leaves out more and more, is told of once it lasts, and recovers', () => {
  const slip = new Busy();
  const { guard, lines, told, pass } = setUp({ slip });
  pass(20, 9);
  assert.equal(slip.level, 3);
  assert.deepEqual(
    lines.map(({ level, facts }) => [level, facts['level']]),
    [
      ['warn', 1],
      ['warn', 2],
      ['warn', 3],
    ],
  );
  assert.equal(guard.reasons.length, 1);
  assert.deepEqual(
    told.map(([reason]) => /leaves out (.*);/.exec(reason!)?.[1]),
    [
      'models on trial',
      'models on trial and answers before the end of a window',
      'models on trial, answers before the end of a window, and all windows but the newest',
    ],
  );
  pass(20, 0);
  assert.equal(slip.level, 0);
  assert.deepEqual([guard.reasons, told.at(-1)], [[], []]);
});

test('a pipeline of recordings leaves out nothing', () => {
  const replay = new Busy(false);
  const { told, pass } = setUp({ replay });
  pass(20, 10);
  assert.deepEqual([replay.level, told], [0, []]);
});

test('a stop ends the looks', () => {
  const { clock, guard } = setUp({ slip: new Busy() });
  guard.stop();
  assert.equal(clock.waiting, 0);
});

test('a thread that stood still for long has seen no sustained overload', () => {
  const slip = new Busy();
  const { clock, pass } = setUp({ slip });
  pass(1, 0);
  clock.lateUs = 60_000_000;
  pass(1, 10);
  assert.equal(slip.level, 0);
});
