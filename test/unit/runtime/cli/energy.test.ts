import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Activity, equalShapeCost, ledger, tactileSnnSpec } from '../../../../models/index.js';
import { energyJson, energyLine, energyTable } from '../../../../runtime/cli/energy.js';

const spec = tactileSnnSpec({
  name: 'small',
  labels: ['a', 'b'],
  taxels: 2,
  bins: 10,
  binUs: 1000,
  hidden: [8],
});
const active: Activity = { time: { layerSpikes: [20, 3], layerOps: [1600, 40] } };
const costs = { macPj: 4, acPj: 1 };
const equalShape = equalShapeCost(spec, costs);

test('one line: energy with and without neurons, and how many times that the network of equal shape takes', () => {
  // 4 x 8 and 8 x 2 weights over 10 steps: 480. Ten neurons whose responses reach back 0 + 1 + .. + 9 steps: 450.
  assert.equal(
    energyLine(ledger(spec, active, costs), equalShape),
    '0.00164 uJ synapses, 0.00367 uJ with neurons, estimated a window; without spikes 0.00192 uJ: 1.17x and 0.523x',
  );
  const silent = ledger(spec, { time: { layerSpikes: [0, 0], layerOps: [0, 0] } }, costs);
  assert.match(energyLine(silent, equalShape), /^0 uJ synapses.*: no ratio and [\d.]+x$/);
});

test('a table: a row a layer, all layers below, columns that stay below each other', () => {
  const [head, ...rows] = energyTable(ledger(spec, active, costs), equalShape).split('\n');
  const note = rows.pop();
  assert.match(
    note!,
    /^means a window; .* 4 pJ a multiply-accumulate \(MAC\) and 1 pJ an accumulate \(AC\), without memory$/,
  );
  assert.equal(new Set([head, ...rows].map((line) => line!.length)).size, 1);
  assert.deepEqual(
    rows.map((line) => line.split(/ +/)),
    [
      ['time.fc1', '20', '1,600', '0', '80', '560', '6.4', '2.4', '1.6', '3.2', '320'],
      ['time.fc2', '3', '40', '0', '20', '120', '0.2', '0.6', '0.0', '0.4', '160'],
      ['all', '23', '1,640', '0', '100', '680', '6.6', '3.0', '1.6', '3.7', '480'],
    ],
  );
});

test('for programs: every figure in full; without windows the equal shape alone', () => {
  const fc1 = {
    ...{ layer: 'fc1', spikes: 20, accumulates: 1600, multiply_accumulates: 0, neuron_updates: 80 },
    neuron_ops: { accumulates: 200, multiply_accumulates: 360 },
    ...{ weight_bytes: 6400, state_bytes: 2400, synaptic_uj_est: 0.0016, total_uj_est: 0.00324 },
  };
  const json = JSON.parse(JSON.stringify(energyJson(ledger(spec, active, costs), equalShape)));
  assert.deepEqual(json.costs, { mac_pj: 4, ac_pj: 1 });
  assert.deepEqual(json.stacks.time.layers[0], fc1);
  assert.deepEqual([json.stacks.time.sums, json.sums.accumulates], [json.sums, 1640]);
  assert.deepEqual(json.equal_shape_ratio, { synaptic: 1920 / 1640, total: 1920 / 3670 });
  const alone = {
    stacks: {
      time: [
        { layer: 'fc1', multiply_accumulates: 320 },
        { layer: 'fc2', multiply_accumulates: 160 },
      ],
    },
    multiply_accumulates: 480,
    uj_est: 0.00192,
  };
  assert.deepEqual(json.equal_shape, alone);
  assert.deepEqual(energyJson(undefined, equalShape), { costs: { mac_pj: 4, ac_pj: 1 }, equal_shape: alone });
});
