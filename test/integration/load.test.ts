/** A daemon that gets more than its cables carry: what it does not classify stands in a counter. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { FirmwareBuild } from '../support/firmware.js';
import { runLoad } from '../support/load-run.js';
import { needs } from '../support/programs.js';

describe('under load', { skip: needs('socat', 'gcc'), timeout: 120_000 }, () => {
  const build = new FirmwareBuild();
  after(() => build.remove());

  test('every event is classified or counted as lost, whatever the sensors can hold back', async () => {
    const simulator = build.simulator({ checked: false });
    // Far more than the cables carry, and next to no buffer.
    const terms = { sensors: 2, rate: 10_000_000, seconds: 0.01, ring: 512 };
    const { total } = await runLoad(terms, simulator);
    assert.equal(total('made'), 200_000);
    assert.ok(total('eventsLost') > 0, 'the cables were narrow enough');
    assert.ok(total('classified') > 0);
    assert.deepEqual([total('uncounted'), total('framesLost')], [0, 0]);
    assert.equal(total('events') + total('eventsLost'), total('made'));
  });
});
