import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Engine,
  type Executor,
  engineByName,
  fastestOf,
  type Model,
  makeSelfTest,
  measureEngines,
} from '../../../models/index.js';
import { goldenWindow, tinyGolden } from '../../support/golden.js';

async function tinyModel(selfTest = true): Promise<Model> {
  const { network, cases } = tinyGolden();
  const windows = cases.map(({ events }) => goldenWindow(network.spec.input, events));
  const reference = await engineByName('reference').compile(network);
  return {
    ...network,
    id: 'tiny',
    version: '1',
    sha256: '',
    training: {},
    metrics: {},
    selfTest: selfTest ? await makeSelfTest(reference, windows) : [],
  };
}

/** A clock that stands still but for what the engines say they take. */
class Stopwatch {
  ms = 0;
  readonly now = (): number => this.ms;

  /** The reference engine under another name, taking `ms` a window; `spoil` changes its answers. */
  engine(name: string, ms: number, spoil = false): Engine {
    return {
      name,
      modes: ['only'],
      unavailable: async () => undefined,
      compile: async (network) => {
        const inner = await engineByName('reference').compile(network);
        const run: Executor['run'] = async (windows) => {
          this.ms += ms * windows.length;
          const outcomes = await inner.run(windows);
          return spoil
            ? outcomes.map((outcome) => ({
                ...outcome,
                time: { ...outcome.time!, counts: outcome.time!.counts.map((n) => n + 1) },
              }))
            : outcomes;
        };
        return { ...inner, run };
      },
    };
  }
}

test('the fastest engine that gives the expected counts comes first', async () => {
  const watch = new Stopwatch();
  const candidates = [watch.engine('slow', 7), watch.engine('quick', 2), watch.engine('wrong', 0.1, true)];
  const table = await measureEngines(await tinyModel(), { budgetMs: 1000, nowMs: watch.now, candidates });
  assert.deepEqual(
    table.map(({ engine, msPerWindow, agrees }) => [engine, msPerWindow, agrees]),
    [
      ['quick', 2, true],
      ['slow', 7, true],
      ['wrong', undefined, false],
    ],
  );
  assert.match(table[2]!.reason!, /window 0/);
  assert.equal(fastestOf(table).engine, 'quick');
});

test('engines that this machine cannot run are in the table with their reason', async () => {
  const watch = new Stopwatch();
  const absent: Engine = { ...watch.engine('absent', 1), unavailable: async () => 'no such chip' };
  const broken: Engine = {
    ...watch.engine('broken', 1),
    compile: () => Promise.reject(new Error('it fell over')),
  };
  const table = await measureEngines(await tinyModel(), {
    budgetMs: 1000,
    nowMs: watch.now,
    candidates: [absent, broken],
  });
  assert.deepEqual(
    table.map(({ reason }) => reason),
    ['no such chip', 'it fell over'],
  );
  assert.throws(() => fastestOf(table), /absent only: no such chip; broken only: it fell over/);
});

test('the budget is kept: what comes too late is not measured', async () => {
  const watch = new Stopwatch();
  const candidates = [watch.engine('first', 30), watch.engine('second', 30)];
  const table = await measureEngines(await tinyModel(), { budgetMs: 50, nowMs: watch.now, candidates });
  assert.equal(table[0]!.agrees, true);
  assert.match(table[1]!.reason!, /the time for measuring was over/);
});

test('a file without a self-test is checked against the reference engine on made-up touch', async () => {
  const watch = new Stopwatch();
  const candidates = [watch.engine('wrong', 1, true), engineByName('event')];
  const table = await measureEngines(await tinyModel(false), {
    budgetMs: 1000,
    nowMs: () => performance.now(),
    candidates,
  });
  assert.deepEqual(table.map(({ engine, agrees }) => `${engine} ${agrees}`).sort(), [
    'event true',
    'event true',
    'wrong false',
  ]);
});
