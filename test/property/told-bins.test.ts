import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClosedWindow, type OpenWindow, type PolicySpec, Windower } from '../../runtime/window/index.js';
import * as fc from '../support/fast-check.js';
import { smallInput } from '../support/window-rows.js';
import { anySpec, anySteps, play } from '../support/window-steps.js';

/** What was told of a window while it was open. */
interface Told {
  readonly startUs: number;
  readonly bins: Set<number>[];
  last: OpenWindow;
}

/** Listens to a windower and checks, as each window closes, that it holds what was told of it. */
class Listener {
  readonly open = new Map<number, Told>();
  readonly windows: ClosedWindow[] = [];
  /** Bins told, and cells added to them later. */
  bins = 0;
  lates = 0;

  constructor(private readonly width: number) {}

  told(window: OpenWindow): void {
    const { index, startUs, from, bins } = window;
    const known = this.open.get(index) ?? { startUs, bins: [], last: window };
    assert.equal(known.startUs, startUs);
    assert.equal(known.bins.length, from, 'bins come in order, each once');
    for (const cells of bins) {
      assert.deepEqual(cells, Uint32Array.from(new Set(cells)).sort(), 'ascending and unique');
      known.bins.push(new Set(cells));
    }
    known.last = window;
    this.bins += bins.length;
    this.open.set(index, known);
  }

  late(index: number, bin: number, cell: number): void {
    this.lates++;
    this.open.get(index)!.bins[bin]!.add(cell);
  }

  closed(window: ClosedWindow): void {
    this.windows.push(window);
    const told = this.open.get(window.index);
    this.open.delete(window.index);
    assert.ok(!this.open.has(window.index - 1), 'windows close in order');
    if (told === undefined) return;
    assert.equal(told.startUs, window.startUs);
    assert.ok(told.bins.length < 4, 'the last bin comes with the window');
    const soFar = told.bins.flatMap((cells, bin) => [...cells].map((cell) => bin * this.width + cell));
    const cells = [...window.cells].filter((cell) => cell < told.bins.length * this.width);
    assert.deepEqual(
      soFar.sort((a, b) => a - b),
      cells,
    );
    assert.ok(told.last.events <= window.events);
    if (told.last.events > 0 && soFar.length > 0)
      assert.ok(told.last.firstEventUs >= window.firstEventUs && told.last.lastEventUs <= window.lastEventUs);
  }
}

/** Overlapping windows are told of when the hop is a multiple of the bin. */
const tellable: fc.Arbitrary<PolicySpec> = anySpec.map((spec) =>
  spec.kind === 'sliding' ? { ...spec, hopUs: Math.ceil(spec.hopUs / 10) * 10 } : spec,
);

test('the bins told of a window, with what came late, are those that it closes with', () => {
  const world = fc
    .integer({ min: 1, max: 2 })
    .chain((sensors) => fc.tuple(fc.constant(sensors), anySteps(sensors)));
  let bins = 0;
  let lates = 0;
  fc.assert(
    fc.property(tellable, world, (policy, [sensors, steps]) => {
      const listener = new Listener(3 * 2 * sensors);
      const silent: ClosedWindow[] = [];
      const options = { input: smallInput(sensors), sensors, policy, maxLagUs: 60, maxJumpUs: 400 };
      let windower: Windower;
      let alone: Windower;
      try {
        windower = new Windower({
          ...options,
          onWindow: (window) => listener.closed(window),
          onBins: (window) => listener.told(window),
          onLate: (index, bin, cell) => listener.late(index, bin, cell),
        });
        alone = new Windower({ ...options, onWindow: (window) => silent.push(window) });
      } catch (error) {
        assert.ok(error instanceof RangeError);
        return;
      }
      play(windower, steps);
      windower.flush();
      assert.equal(listener.open.size, 0, 'whatever is told of closes');
      play(alone, steps);
      alone.flush();
      assert.deepEqual(listener.windows, silent, 'listening changes nothing');
      bins += listener.bins;
      lates += listener.lates;
    }),
    { numRuns: 600 },
  );
  assert.ok(bins > 200 && lates > 5, `the property was put to the test: ${bins} bins, ${lates} late cells`);
});
