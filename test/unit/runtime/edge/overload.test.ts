import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CALM,
  isSustained,
  LOWER_MOST_S,
  LOWER_S,
  type Load,
  lookForOverload,
  NO_OVERLOAD,
  type OverloadState,
  overloadReason,
  RAISE_S,
  SUSTAINED_S,
  TOO_MUCH,
} from '../../../../runtime/edge/overload.js';
import type { ShedLevel } from '../../../../runtime/inference/index.js';
import * as fc from '../../../support/fast-check.js';

/** What a second brings: answers, of which so many are late, and windows that got none. */
interface Second {
  readonly answered?: number;
  readonly late?: number;
  readonly dropped?: number;
  readonly shedWindows?: number;
  readonly waiting?: number;
}

const over: Second = { answered: 10, late: 8, dropped: 5 };
const calm: Second = { answered: 10 };

/** Looks once a second, and keeps the level of each. */
class Watch {
  readonly levels: ShedLevel[] = [];
  state: OverloadState = NO_OVERLOAD;
  #load: Load = { answered: 0, updates: 0, late: 0, dropped: 0, shedWindows: 0 };

  constructor() {
    this.state = lookForOverload(this.state, this.#load, 0, 1);
  }

  /** @param second of each look, or what makes it of the level so far */
  see(seconds: number, second: Second | ((level: ShedLevel, i: number) => Second)): this {
    for (let i = 0; i < seconds; i++) {
      const now = typeof second === 'function' ? second(this.state.level, i) : second;
      const { answered = 0, late = 0, dropped = 0, shedWindows = 0, waiting = 0 } = now;
      this.#load = {
        ...this.#load,
        answered: this.#load.answered + answered,
        late: this.#load.late + late,
        dropped: this.#load.dropped + dropped,
        shedWindows: this.#load.shedWindows + shedWindows,
      };
      this.state = lookForOverload(this.state, this.#load, waiting, 1);
      this.levels.push(this.state.level);
    }
    return this;
  }

  /** Seconds at which the level changed. */
  get changes(): number[] {
    return this.levels.flatMap((level, i) => (level === (this.levels[i - 1] ?? 0) ? [] : [i]));
  }
}

test('overload that goes on leaves out one thing after the other', () => {
  const { levels } = new Watch().see(4 * RAISE_S, over);
  const expected = Array.from({ length: 4 * RAISE_S }, (_, i) => Math.min(3, Math.floor((i + 1) / RAISE_S)));
  assert.deepEqual(levels, expected);
});

test('late answers, dropped windows and shed windows are overload, each by itself; a few are not', () => {
  const level = (second: Second): ShedLevel => new Watch().see(RAISE_S, second).state.level;
  const much = 100 * TOO_MUCH;
  assert.equal(level({ answered: 100, late: much }), 1);
  assert.equal(level({ answered: 100 - much, dropped: much }), 1);
  assert.equal(level({ answered: 100 - much, shedWindows: much }), 1);
  assert.equal(level({ answered: 100, late: much - 1 }), 0);
});

test('short of sustained it is no overload', () => {
  const short = RAISE_S - 1;
  assert.equal(new Watch().see(short, over).see(short, calm).see(short, over).state.level, 0);
  assert.equal(new Watch().see(60, (_, i) => (i % 2 === 0 ? over : calm)).state.level, 0);
});

test('a model that is slower than the looks is seen by its late answers', () => {
  const slow = (_: ShedLevel, i: number): Second =>
    i % 3 === 0 ? { answered: 1, late: 1, waiting: 1 } : { waiting: 1 };
  assert.equal(new Watch().see(3 * RAISE_S, slow).state.level, 1);
});

test('calm brings it back, step by step; no touch is calm, neither calm nor overloaded is not', () => {
  const watch = new Watch().see(3 * RAISE_S, over);
  watch.see(LOWER_S, calm);
  assert.equal(watch.state.level, 2);
  watch.see(60, { answered: 100, late: 100 * (CALM + TOO_MUCH) * 0.5 });
  assert.equal(watch.state.level, 2);
  watch.see(2 * LOWER_S, {});
  assert.equal(watch.state.level, 0);
});

test('what is needed to keep up is not tried to be done without all the time', () => {
  const watch = new Watch().see(1000, (level) => (level < 2 ? over : calm));
  const late = watch.changes.filter((at) => at > 500);
  assert.ok(Math.max(...watch.levels.slice(500)) === 2, 'no more than needed');
  // A try is a step down and, when it fails, a step up again.
  const tries = late.filter((at) => watch.levels[at] === 1);
  for (const [i, at] of tries.slice(1).entries()) assert.ok(at - tries[i]! >= LOWER_MOST_S, `${tries}`);
});

test('after a long calm it begins anew', () => {
  const watch = new Watch().see(300, (level) => (level < 2 ? over : calm)).see(300, calm);
  assert.equal(watch.state.level, 0);
  watch.see(RAISE_S, over).see(LOWER_S, calm);
  assert.equal(watch.state.level, 0);
});

test('it is told when it lasts, and not any more when nothing is left out', () => {
  const watch = new Watch().see(RAISE_S, over);
  assert.equal(isSustained(watch.state), false);
  assert.equal(isSustained(watch.see(SUSTAINED_S, over).state), true);
  assert.equal(isSustained(watch.see(4 * LOWER_S, calm).state), false);
  assert.match(
    overloadReason('slip', 2),
    /^pipeline slip is overloaded and leaves out models on trial and ans/,
  );
});

const second = fc.record({
  answered: fc.nat(5),
  late: fc.nat(5),
  dropped: fc.nat(5),
  shedWindows: fc.nat(5),
  waiting: fc.nat(3),
});

test('whatever happens, the level moves by one at most, and calm ends it', () => {
  fc.assert(
    fc.property(fc.array(second, { maxLength: 200 }), (seconds) => {
      const watch = new Watch().see(seconds.length, (_, i) => seconds[i]!);
      for (const [i, level] of watch.levels.entries())
        assert.ok(Math.abs(level - (watch.levels[i - 1] ?? 0)) <= 1);
      assert.equal(watch.see(3 * LOWER_MOST_S, calm).state.level, 0);
    }),
  );
});
