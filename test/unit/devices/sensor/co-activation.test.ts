import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { type Geometry, neutouchA, neutouchB, neutouchPublished } from '../../../../devices/index.js';
import { coActivation, pick, readRecordings } from '../../../../models/index.js';
import { closeness, ofPairs, rankCorrelation } from '../../../support/co-activation.js';
import { needsFiles, shared } from '../../../support/paths.js';

/** Every n-th recording is looked at, so that the test stays fast; DESIGN.md has the figures for all of them. */
const sets = [
  { name: 'Ev-Objects', every: 6 },
  { name: 'Ev-Containers', every: 3 },
];

for (const { name, every } of sets) {
  const path = shared('data', `${name}-train.zip`);
  suite(`taxels that lie together fire together: ${name}`, { skip: needsFiles(path) }, () => {
    let together: Float64Array;
    before(async () => {
      const data = await readRecordings(path);
      const some = Array.from(data.windows.keys()).filter((i) => i % every === 0);
      together = ofPairs(coActivation(pick(data, some)), 39);
    });
    const fit = (geometry: Geometry): number => rankCorrelation(closeness(geometry), together);

    test('in the layout of the second finger, clearly', () =>
      assert.ok(fit(neutouchB) > 0.25, `${fit(neutouchB)}`));

    test('in the layout of the second finger better than in that of the first', () =>
      assert.ok(fit(neutouchB) > fit(neutouchA), `${fit(neutouchB)} and ${fit(neutouchA)}`));

    test('in the published numbering not at all', () =>
      assert.ok(fit(neutouchPublished) < 0.1, `${fit(neutouchPublished)}`));
  });
}

test('the rank correlation is that of the textbook, ties sharing their mean rank', () => {
  const r = (a: number[], b: number[]): number => rankCorrelation(Float64Array.from(a), Float64Array.from(b));
  assert.equal(Math.round(r([1, 2, 3, 4], [10, 20, 30, 40]) * 1e9) / 1e9, 1);
  assert.equal(Math.round(r([1, 2, 3, 4], [9, 7, 5, 1]) * 1e9) / 1e9, -1);
  assert.equal(Math.round(r([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]) * 1e4) / 1e4, 0.8208);
});
