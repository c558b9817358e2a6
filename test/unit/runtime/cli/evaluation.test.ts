import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Dataset,
  equalShapeCost,
  ledger,
  type Model,
  tactileSnnSpec,
} from '../../../../models/index.js';
import { energyJson } from '../../../../runtime/cli/energy.js';
import { confusionTable, evaluationJson } from '../../../../runtime/cli/evaluation.js';

test('up to twelve classes: a matrix, a row a true class, a column what was said', () => {
  const table = confusionTable(
    ['press', 'slip'],
    [
      [12, 0],
      [3, 140],
    ],
  );
  assert.deepEqual(table.split('\n'), [
    'true \\ said  press  slip',
    'press           12     ·',
    'slip             3   140',
  ]);
});

test('the columns of a matrix stay below each other for long names and large counts', () => {
  const labels = ['a-very-long-class-name', 'b'];
  const lines = confusionTable(labels, [
    [1_234_567, 0],
    [0, 1],
  ]).split('\n');
  assert.equal(new Set(lines.map((line) => line.length)).size, 1);
});

test('more classes: each with what it is mistaken for, most often first', () => {
  const labels = Array.from({ length: 36 }, (_, i) => `object-${i}`);
  const confusion = labels.map((_, t) => labels.map((_, s): number => (s === t ? 10 : 0)));
  confusion[2]![5] = 1;
  confusion[2]![9] = 4;
  const lines = confusionTable(labels, confusion).split('\n');
  assert.equal(lines.length, 37);
  assert.equal(lines[3], 'object-2        10/15   mistaken for object-9 (4), object-5 (1)');
  assert.equal(lines[4], 'object-3        10/10');
});

test('for programs: figures, model, matrix and every window with its label and answer', () => {
  const labels = ['press', 'slip', 'none'];
  const spec = tactileSnnSpec({ name: 'small', labels, taxels: 2, bins: 4, binUs: 1000, hidden: [] });
  const model = { id: 'small', version: '2', sha256: 'ab'.repeat(32), spec } as unknown as Model;
  const data = { labels, targets: [0, 2], names: ['first', 'second'] } as unknown as Dataset;
  const result = {
    accuracy: 0.5,
    correct: 1,
    total: 2,
    confusion: [
      [1, 0, 0],
      [0, 0, 0],
      [0, 1, 0],
    ],
    predicted: [0, 1],
    confidences: [0.912_34, 0.5],
    rates: [],
    synapticOps: 123.4,
    ledger: ledger(spec, { time: { layerSpikes: [7], layerOps: [123.4] } }),
  };
  assert.deepEqual(JSON.parse(JSON.stringify(evaluationJson(model, 'event', data, result, 1.23456))), {
    accuracy: 0.5,
    correct: 1,
    total: 2,
    model: { id: 'small', version: '2', sha256: 'ab'.repeat(32) },
    engine: 'event',
    ms_per_window: 1.235,
    synaptic_ops_per_window: 123,
    energy: JSON.parse(JSON.stringify(energyJson(result.ledger, equalShapeCost(spec)))),
    labels: ['press', 'slip', 'none'],
    confusion: result.confusion,
    windows: [
      { name: 'first', label: 'press', predicted: 'press', confidence: 0.9123 },
      { name: 'second', label: 'none', predicted: 'slip', confidence: 0.5 },
    ],
  });
});
