import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Contact,
  type MotionKind,
  neutouchB,
  type SequenceOptions,
  simulateContact,
  simulateGrasps,
  simulateSequence,
} from '../../../../devices/index.js';

const options: SequenceOptions = { geometry: neutouchB, seed: 5, count: 6 };
const grasps = (change: Partial<SequenceOptions> = {}) => [
  ...simulateGrasps({ ...options, ...change }, [0, 1]),
];

/** Middle of the ON events in mm. */
function middle({ events }: Contact): [x: number, y: number] {
  const on = Array.from({ length: events.length }, (_, i) => i).filter((i) => events.polarity[i] === 1);
  const places = on.map((i) => neutouchB.taxels[events.taxel[i]!]!);
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return [mean(places.map(({ x }) => x)), mean(places.map(({ y }) => y))];
}

test('both fingers feel the same contacts on the same clock, each in its own way', () => {
  const felt = grasps();
  assert.equal(felt.length, 6);
  for (const [index, [first, second]] of felt.entries()) {
    const { events: a, ...about } = first!;
    const { events: b, ...aboutSecond } = second!;
    assert.deepEqual(aboutSecond, about);
    assert.equal(about.index, index);
    assert.notDeepEqual([...b.tUs], [...a.tUs]);
    assert.ok(b.length > a.length / 3 && a.length > b.length / 3, `${a.length} and ${b.length} events`);
  }
});

test('the first finger feels what a finger alone feels', () => {
  const alone = [...simulateSequence(options)];
  assert.deepEqual(
    grasps().map(([first]) => first),
    alone,
  );
  assert.deepEqual([...simulateGrasps(options, [0])].flat(), alone);
});

test('what is on the right of one finger is on the left of the other, and as high', () => {
  const presses = Array.from({ length: 20 }, (_, seed) =>
    ([0, 1] as const).map((finger) =>
      simulateContact({ geometry: neutouchB, kind: 'press', shape: 'sphere', seed, finger }),
    ),
  );
  for (const [seed, [a, b]] of presses.entries()) {
    const [[ax, ay], [bx, by]] = [middle(a!), middle(b!)];
    assert.ok(Math.abs(ax + bx) < 1.6, `seed ${seed}: x ${ax} and ${bx}`);
    assert.ok(Math.abs(ay - by) < 1.6, `seed ${seed}: y ${ay} and ${by}`);
  }
  const spread = presses.map(([a]) => Math.abs(middle(a!)[0]));
  assert.ok(Math.max(...spread) > 1.6, 'some presses lie beside the middle, or this would prove nothing');
});

test('a strained hold is pressed harder, so it has more ON than OFF events; a slip does not', () => {
  const shareOn = (kind: MotionKind): number => {
    let [on, all] = [0, 0];
    for (const [first] of grasps({ kinds: [kind], count: 12 })) {
      const { events, startUs, strainedUs } = first!;
      const from = startUs + strainedUs!;
      for (let i = 0; i < events.length; i++) {
        if (events.tUs[i]! < from || events.tUs[i]! >= from + 150_000) continue;
        all++;
        on += events.polarity[i]!;
      }
    }
    return on / all;
  };
  const [hold, slip] = [shareOn('hold'), shareOn('slip')];
  assert.ok(hold > 0.52 && slip < 0.5, `${hold} and ${slip}`);
});

test('a hold is no kind of contact, and says when it is strained; a press does not', () => {
  const hold = simulateContact({ geometry: neutouchB, kind: 'hold', shape: 'flat', seed: 1 });
  assert.equal(hold.label, -1);
  assert.ok(Number.isInteger(hold.strainedUs) && hold.strainedUs! < hold.durationUs - 200_000);
  const press = simulateContact({ geometry: neutouchB, kind: 'press', shape: 'flat', seed: 1 });
  assert.equal(press.strainedUs, undefined);
});
