import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Attempts,
  afterEnd,
  backoffMs,
  type Ended,
  FIRST_ATTEMPT,
  type ProtocolVersion,
} from '../../../../runtime/publish/attempts.js';
import * as fc from '../../../support/fast-check.js';

const policy = { minMs: 100, maxMs: 1500 };
const auto: ProtocolVersion[] = [5, 4];

function after(attempts: Attempts, cause: Ended['cause'], upMs = 0, versions = auto) {
  return afterEnd(attempts, { cause, reason: '', upMs }, versions, policy, 0);
}

test('the pause doubles up to its bound, and chance takes away at most half', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 99].map((failures) => backoffMs(failures, policy, 0)),
    [100, 200, 400, 800, 1500, 1500, 1500],
  );
  fc.assert(
    fc.property(fc.nat(200), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const longest = backoffMs(failures, policy, 0);
      const pause = backoffMs(failures, policy, random);
      assert.ok(pause >= longest / 2 && pause <= longest && pause <= 1500);
    }),
  );
});

test('a version that is refused gives way to the next at once, and when all are refused there is no hurry', () => {
  const first = after(FIRST_ATTEMPT, 'version');
  assert.deepEqual(first, { attempts: { failures: 0, version: 1 }, delayMs: 0 });
  const second = after(first.attempts, 'version');
  assert.equal(second.attempts.version, 0);
  assert.ok(second.delayMs >= 5000);
  assert.ok(after(FIRST_ATTEMPT, 'version', 0, [5]).delayMs >= 5000);
});

test('a broker that hangs up is asked in the other version next time, with the usual pause', () => {
  const first = after(FIRST_ATTEMPT, 'closed');
  assert.deepEqual(first, { attempts: { failures: 1, version: 1 }, delayMs: 100 });
  assert.deepEqual(after(first.attempts, 'closed').attempts, { failures: 2, version: 0 });
});

test('a refusal waits longer and keeps the version', () => {
  const refused = after({ failures: 0, version: 1 }, 'refused');
  assert.deepEqual(refused, { attempts: { failures: 1, version: 1 }, delayMs: 5000 });
  assert.equal(after({ failures: 50, version: 1 }, 'refused').delayMs, 60_000);
});

test('a broker that hangs up after all has the usual pause; one that has given our id away a long one', () => {
  assert.deepEqual(after(FIRST_ATTEMPT, 'hung-up', 10), after(FIRST_ATTEMPT, 'lost', 10));
  const taken = after({ failures: 3, version: 1 }, 'taken', 60_000);
  assert.deepEqual(taken, { attempts: { failures: 1, version: 1 }, delayMs: 5000 });
});

test('after a connection that lasted it begins with the shortest pause and the best version', () => {
  assert.deepEqual(after({ failures: 7, version: 1 }, 'lost', 60_000), {
    attempts: FIRST_ATTEMPT_AFTER,
    delayMs: 100,
  });
});

test('connections that break at once do not make it hurry', () => {
  let attempts = FIRST_ATTEMPT;
  const pauses = Array.from({ length: 6 }, () => {
    const next = after(attempts, 'lost', 10);
    attempts = next.attempts;
    return next.delayMs;
  });
  assert.deepEqual(pauses, [100, 200, 400, 800, 1500, 1500]);
});

const FIRST_ATTEMPT_AFTER: Attempts = { failures: 1, version: 0 };
