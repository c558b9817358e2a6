import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deriveSeed, Random } from '../../../../devices/simulator/random.js';

function draw<T>(count: number, one: () => T): T[] {
  return Array.from({ length: count }, one);
}

test('the same seed gives the same numbers, on every machine', () => {
  const random = new Random(42);
  const first = draw(4, () => Math.floor(random.next() * 2 ** 32));
  assert.deepEqual(first, [3_893_884_377, 145_076_852, 3_246_010_591, 4_141_225_530]);
});

test('another seed gives others, also one that differs above bit 31', () => {
  const firsts = [0, 1, -1, 2 ** 32, 2 ** 40 + 1].map((seed) => new Random(seed).next());
  assert.equal(new Set(firsts).size, 5);
});

test('its distributions are what they say', () => {
  const random = new Random(1);
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const uniform = draw(20_000, () => random.between(2, 4));
  assert.ok(uniform.every((value) => value >= 2 && value < 4));
  assert.ok(Math.abs(mean(uniform) - 3) < 0.02);
  const normal = draw(20_000, () => random.normal());
  assert.ok(normal.every((value) => Math.abs(value) <= 3));
  assert.ok(Math.abs(mean(normal)) < 0.03);
  assert.ok(Math.abs(mean(normal.map((value) => value * value)) - 1) < 0.03);
  const sides = draw(1000, () => random.eitherWay(5));
  assert.deepEqual([...new Set(sides)].sort(), [-5, 5]);
});

test('it picks every item and shuffles without losing one', () => {
  const random = new Random(2);
  const items = ['a', 'b', 'c', 'd'];
  assert.equal(new Set(draw(100, () => random.pick(items))).size, 4);
  assert.throws(() => random.pick([]), /nothing to pick/);
  const orders = draw(300, () => random.shuffled(items).join(''));
  assert.equal(new Set(orders).size, 24);
  assert.deepEqual(items, ['a', 'b', 'c', 'd']);
});

test('derived seeds do not collide for neighbours', () => {
  const seeds = [0, 1, 2, 2 ** 33].flatMap((seed) =>
    draw(1000, () => seed).map((_, index) => deriveSeed(seed, index)),
  );
  assert.equal(new Set(seeds).size, 4000);
  assert.ok(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32));
});
