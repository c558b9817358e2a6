import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type EventBatch,
  geometryId,
  memoryPair,
  neutouchB,
  openSensor,
  type SensorListener,
  SimulatedDevice,
  simulateSequence,
  sliceEvents,
  tefDriver,
} from '../../devices/index.js';

/** Rows `[tUs, taxel, polarity]` of batches, one after the other. */
function rows(batches: readonly EventBatch[]): number[][] {
  return batches.flatMap(({ length, tUs, taxel, polarity }) =>
    Array.from({ length }, (_, i) => [tUs[i]!, taxel[i]!, polarity[i]!]),
  );
}

test('a session receives from the simulated device every event it felt, at its time, and that time went on after', async () => {
  const felt = [...simulateSequence({ geometry: neutouchB, seed: 11, count: 8 })].map(({ events }) => events);
  const [near, far] = memoryPair();
  const device = new SimulatedDevice({ geometry: neutouchB, source: felt, speed: Number.POSITIVE_INFINITY });
  const served = device.serve(far);

  const received: EventBatch[] = [];
  const last = felt.at(-1)!.tUs.at(-1)!;
  let reached: () => void = () => {};
  const windowsClosed = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const listener: SensorListener = {
    events: (batch) => received.push(sliceEvents(batch)),
    advance: (deviceUs) => {
      if (deviceUs >= last + 2_000_000) reached();
    },
    epoch: () => {},
    status: () => {},
  };
  const sensor = openSensor({ transport: () => near, driver: tefDriver({ flushUs: 1000 }) }, listener);
  await device.finished;
  await windowsClosed;
  assert.equal(sensor.status.identity?.geometryId, geometryId(neutouchB));
  await sensor.close();
  await served;

  assert.deepEqual(rows(received), rows(felt));
  assert.equal(device.dropped, 0);
});
