import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { neutouchB, OBJECT_SHAPES } from '../../../../devices/index.js';
import type { Motion, Pose } from '../../../../devices/simulator/motions.js';
import { PressureField } from '../../../../devices/simulator/pressure-field.js';
import { Random } from '../../../../devices/simulator/random.js';
import { drawUnderside, isRound, type Underside } from '../../../../devices/simulator/shapes.js';

const sphere: Underside = (u, v) => (u * u + v * v) / 20;
const resting: Pose = { x: 0, y: 0, angle: 0, depth: 1, width: 1 };

/** The pressures without noise under an object that rests in this pose. */
function pressures(
  underside: Underside,
  pose: Partial<Pose> = {},
  change: Partial<Motion> = {},
  t = 0,
): number[] {
  const motion: Motion = {
    seconds: 1,
    ridges: { depth: 0, length: 1 },
    at: (_, out) => Object.assign(out, resting, pose),
    ...change,
  };
  const field = new PressureField({
    ...{ geometry: neutouchB, underside, motion, noiseKpa: 0, gainSpread: 0, random: new Random(1) },
  });
  return [...field.at(t)];
}

/** Centre of pressure in mm. */
function centre(values: readonly number[]): [number, number] {
  const total = values.reduce((sum, value) => sum + value, 0);
  const { taxels } = neutouchB;
  return [
    values.reduce((sum, value, i) => sum + value * taxels[i]!.x, 0) / total,
    values.reduce((sum, value, i) => sum + value * taxels[i]!.y, 0) / total,
  ];
}

suite('the pressure field', () => {
  test('falls off from the middle of a sphere and is zero where the sphere does not reach', () => {
    const values = pressures(sphere);
    const byRadius = neutouchB.taxels
      .map(({ x, y }, i) => [Math.hypot(x, y), values[i]!] as const)
      .sort(([a], [b]) => a - b);
    assert.equal(Math.round(byRadius[0]![1]), 44, '50 kPa/mm for 1 mm less the soft start of 0.12 mm');
    for (let i = 1; i < byRadius.length; i++) assert.ok(byRadius[i]![1] <= byRadius[i - 1]![1] + 1e-6);
    assert.equal(byRadius.at(-1)![1], 0);
  });

  test('grows with depth, from nothing at the first touch', () => {
    const at = (depth: number): number => Math.max(...pressures(sphere, { depth }));
    assert.equal(at(0), 0);
    assert.ok(at(0.05) > 0 && at(0.05) < at(0.2) && at(0.2) < at(0.8));
  });

  test('moves and turns with the object', () => {
    const moved = centre(pressures(sphere, { x: 2, y: -3 }));
    assert.ok(Math.abs(moved[0] - 2) < 0.7 && Math.abs(moved[1] + 3) < 0.7, `${moved}`);
    const bar: Underside = (u) => u * u;
    const spread = (angle: number): number[] => {
      const values = pressures(bar, { angle });
      return (['x', 'y'] as const).map((axis) =>
        neutouchB.taxels.reduce((sum, taxel, i) => sum + values[i]! * taxel[axis] ** 2, 0),
      );
    };
    const [lying, standing] = [spread(Math.PI / 2), spread(0)];
    assert.ok(lying[0]! > lying[1]! && standing[1]! > standing[0]!);
  });

  test('a wider pose has a larger footprint', () => {
    const taxels = (width: number): number =>
      pressures(sphere, { width }).filter((value) => value > 0).length;
    assert.ok(taxels(1.5) > taxels(1) && taxels(1) > taxels(0.6));
  });

  test('ridges take pressure away, where they are', () => {
    const plain = pressures(sphere);
    const ridged = pressures(sphere, {}, { ridges: { depth: 0.2, length: 0.7 } });
    assert.ok(ridged.every((value, i) => value <= plain[i]! + 1e-6));
    assert.ok(ridged.some((value, i) => value < plain[i]! - 3));
  });

  test('is zero when the contact is over', () =>
    assert.ok(pressures(sphere, {}, {}, 1.001).every((value) => value === 0)));

  test('has gains and noise of its own for each taxel', () => {
    const motion: Motion = {
      seconds: 1,
      ridges: { depth: 0, length: 1 },
      at: (_, out) => Object.assign(out, resting),
    };
    const flat: Underside = () => 0;
    const field = new PressureField({
      ...{
        geometry: neutouchB,
        underside: flat,
        motion,
        noiseKpa: 0.5,
        gainSpread: 0.1,
        random: new Random(3),
      },
    });
    const [first, second] = [Float32Array.from(field.at(0)), Float32Array.from(field.at(0))];
    const spread = Math.max(...first) - Math.min(...first);
    assert.ok(spread > 5 && spread < 30, `${spread}`);
    const noise = first.map((value, i) => Math.abs(value - second[i]!));
    assert.ok(Math.max(...noise) > 0 && Math.max(...noise) < 3);
  });
});

suite('shapes', () => {
  for (const shape of OBJECT_SHAPES) {
    test(`the underside of a ${shape} is finite, has its deepest point at 0, and rises outside`, () => {
      for (let seed = 0; seed < 20; seed++) {
        const underside = drawUnderside(shape, new Random(seed));
        let lowest = Number.POSITIVE_INFINITY;
        for (let u = -10; u <= 10; u += 0.25) {
          for (let v = -10; v <= 10; v += 0.25) {
            const height = underside(u, v);
            assert.ok(height >= 0 && Number.isFinite(height));
            lowest = Math.min(lowest, height);
          }
        }
        assert.ok(lowest < 0.03, `${lowest}`);
        assert.ok(
          underside(12, 0) > 1.2 && underside(0, 14) > 1.2,
          'no object is larger than the reach of a finger',
        );
      }
    });

    test(`a ${shape} is ${isRound(shape) ? '' : 'not '}the same after a turn`, () => {
      const underside = drawUnderside(shape, new Random(5));
      const same = [0.3, 1, 2].every((angle) => {
        const turned = underside(4 * Math.cos(angle), 4 * Math.sin(angle));
        return Math.abs(turned - underside(4, 0)) < 1e-9;
      });
      assert.equal(same, isRound(shape));
    });
  }
});
