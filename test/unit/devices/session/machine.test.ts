import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  backoffMs,
  defaultSettings,
  initialState,
  type SessionInput,
  type SessionSettings,
  type SessionState,
  step,
} from '../../../../devices/session/machine.js';
import * as fc from '../../../support/fast-check.js';

const settings: SessionSettings = {
  ...defaultSettings,
  handshake: true,
  heartbeatMs: 500,
  once: false,
  pings: false,
};
const dead = { type: 'failed', error: { code: 'EIO', message: 'it has hung up' } } as const;
const missing = { type: 'failed', error: { code: 'ENOENT', message: 'it is not there' } } as const;
const refused = { type: 'failed', error: { code: 'EACCES', message: 'it may not be opened' } } as const;
const named = { type: 'identified', who: 'finger' } as const;
const after = (sinceByteMs: number): SessionInput => ({ type: 'timer', sinceByteMs });

/** Runs inputs and returns the effects of each as short texts, and the last state. */
function run(inputs: readonly SessionInput[], use = settings): { effects: string[][]; state: SessionState } {
  let state = initialState;
  const effects = inputs.map((input) => {
    const next = step(use, state, input, 0.5);
    state = next.state;
    return next.effects.map((effect) => {
      if (effect.type === 'timer') return `timer ${effect.ms}`;
      return effect.type === 'status' ? `${effect.status}: ${effect.reason}` : effect.type;
    });
  });
  return { effects, state };
}

const toOnline: SessionInput[] = [{ type: 'start' }, { type: 'opened' }, named];

test('the way to online: open, ask, start', () => {
  assert.deepEqual(run(toOnline).effects, [
    ['connecting: opening', 'open'],
    ['connecting: open; asking who is there', 'describe', 'timer 100'],
    ['online: connected to finger', 'start'],
  ]);
});

test('a sensor that cannot be asked is online when its link is open', () => {
  const { effects } = run([{ type: 'start' }, { type: 'opened' }], { ...settings, handshake: false });
  assert.deepEqual(effects[1], ['online: open', 'start', 'timer 100']);
});

test('DESCRIBE is repeated every 500 ms until there is an answer', () => {
  const ticks = Array.from({ length: 16 }, () => after(10));
  const asked = run([{ type: 'start' }, { type: 'opened' }, ...ticks]).effects.map((list) =>
    list.includes('describe'),
  );
  const at = asked.flatMap((yes, i) => (yes ? [(i - 1) * 100] : []));
  assert.deepEqual(at, [0, 500, 1000, 1500]);
  const online = run([...toOnline, ...ticks])
    .effects.slice(3)
    .flat();
  assert.ok(!online.includes('describe'));
});

describe('absent and unusable ports are tried for ever', () => {
  test('waiting times double from 0.25 s to 5 s', () => {
    const inputs: SessionInput[] = [{ type: 'start' }];
    for (let i = 0; i < 8; i++) inputs.push(missing, after(0));
    const waits = run(inputs)
      .effects.flat()
      .filter((effect) => effect.startsWith('timer'));
    assert.deepEqual(
      waits,
      [250, 500, 1000, 2000, 4000, 5000, 5000, 5000].map((ms) => `timer ${ms}`),
    );
  });

  test('jitter spreads them by a quarter', () => {
    assert.equal(backoffMs(settings, 1, 0), 187.5);
    assert.equal(backoffMs(settings, 1, 1), 312.5);
    assert.equal(backoffMs(settings, 9999, 1), 6250);
  });

  test('the status says so once, and is not repeated at every attempt', () => {
    const { effects } = run([{ type: 'start' }, missing, after(0), missing, after(0), refused]);
    assert.deepEqual(effects.slice(1), [
      ['absent: it is not there', 'close', 'timer 250'],
      ['open'],
      ['close', 'timer 500'],
      ['open'],
      ['error: it may not be opened', 'close', 'timer 1000'],
    ]);
  });

  test('a link that was online starts again with the shortest wait', () => {
    const again = [{ type: 'opened' }, named, dead] as const;
    const { effects } = run([{ type: 'start' }, missing, after(0), missing, after(0), ...again]);
    assert.deepEqual(effects.at(-1), ['absent: it has hung up', 'close', 'timer 250']);
  });

  test('a link that opens and breaks before it says who it is backs off further', () => {
    const opened: SessionInput = { type: 'opened' };
    const { effects } = run([{ type: 'start' }, opened, dead, after(0), opened, dead]);
    assert.ok(effects.at(-1)!.includes('timer 500'));
  });
});

describe('liveness', () => {
  test('a link that is quiet for 50 ms is probed, one that speaks is not', () => {
    assert.deepEqual(run([...toOnline, after(49)]).effects.at(-1), ['timer 100']);
    assert.deepEqual(run([...toOnline, after(50)]).effects.at(-1), ['probe', 'timer 100']);
    const asking: SessionInput[] = [{ type: 'start' }, { type: 'opened' }];
    assert.ok(
      run([...asking, after(250)])
        .effects.at(-1)!
        .includes('probe'),
    );
  });

  test('three heartbeats missing: silent and asked; a byte: online again', () => {
    const { effects } = run([...toOnline, after(1499), after(1500), after(1600), after(20)]);
    assert.equal(effects[3]![0], 'probe');
    assert.match(effects[4]![0]!, /^silent: nothing arrives: check baud rate/);
    assert.deepEqual(effects[6], ['online: speaking again', 'timer 100']);
  });

  test('after 5 s of silence the link is opened anew', () => {
    const { effects, state } = run([...toOnline, after(1500), after(5000)]);
    assert.match(effects[4]![0]!, /^absent: nothing arrived for 5.0 s/);
    assert.deepEqual(effects[4]!.slice(1), ['close', 'timer 250']);
    assert.equal(state.phase, 'waiting');
  });

  test('a sensor without a heartbeat may be quiet for ever, but its link is still probed', () => {
    const { effects } = run([...toOnline, after(1e6)], { ...settings, heartbeatMs: undefined });
    assert.deepEqual(effects.at(-1), ['probe', 'timer 100']);
  });

  test('who never answers the question is silent as well', () => {
    const { effects } = run([{ type: 'start' }, { type: 'opened' }, after(1500)]);
    assert.match(effects.at(-1)![0]!, /^silent/);
  });
});

describe('a sensor that can be asked for its clock', () => {
  const pinged = { ...settings, pings: true };
  const pingsAt = (inputs: readonly SessionInput[], use = pinged): number[] =>
    run(inputs, use).effects.flatMap((list, i) => (list.includes('ping') ? [i - toOnline.length] : []));
  const ticks = Array.from({ length: 30 }, () => after(10));

  test('is pinged at five ticks in a row, then once a second', () => {
    assert.deepEqual(pingsAt([...toOnline, ...ticks]), [0, 1, 2, 3, 4, 14, 24]);
  });

  test('on each link anew, and not before it is online', () => {
    const again: SessionInput[] = [dead, after(0), { type: 'opened' }, after(10), named, after(10)];
    assert.deepEqual(pingsAt([...toOnline, ...ticks, ...again]).slice(-1), [35]);
  });

  test('is not pinged when it is a capture', () => {
    assert.deepEqual(pingsAt([...toOnline, ...ticks], { ...pinged, once: true }), []);
  });
});

test('after a loss the levels are asked for anew, at the next tick and once', () => {
  const lost: SessionInput = { type: 'lost' };
  const { effects } = run([...toOnline, lost, lost, after(10), after(10)]);
  assert.deepEqual(effects.slice(3), [[], [], ['timer 100', 'keyframe'], ['timer 100']]);
});

test('a device that has restarted is asked again and started again, once', () => {
  const { effects } = run([...toOnline, { type: 'restarted' }, named, named]);
  assert.deepEqual(effects.slice(3), [['describe'], ['start'], []]);
});

describe('captures', () => {
  const once = { ...settings, once: true };
  test('end with their link', () => {
    const { effects, state } = run([...toOnline, { type: 'ended' }], once);
    assert.deepEqual(effects.at(-1), ['absent: the capture has ended', 'close', 'finished']);
    assert.equal(state.phase, 'stopped');
  });
  test('end with a failure, too', () => {
    const { effects } = run([{ type: 'start' }, refused], once);
    assert.deepEqual(effects.at(-1), ['error: it may not be opened', 'close', 'finished']);
  });
  test('are not opened anew because of silence', () => {
    assert.equal(run([...toOnline, after(1e6)], once).state.phase, 'online');
  });
});

test('stop says farewell, closes and ends, from any phase', () => {
  assert.deepEqual(run([...toOnline, { type: 'stop' }]).effects.at(-1), [
    'absent: stopped',
    'stop',
    'close',
    'finished',
  ]);
  for (const before of [[], [missing]])
    assert.deepEqual(run([{ type: 'start' }, ...before, { type: 'stop' }]).effects.at(-1), [
      'absent: stopped',
      'close',
      'finished',
    ]);
});

test('whatever comes in whatever order: a timer or an open runs in every phase but stopped, links close before reopening', () => {
  const input = fc.oneof(
    fc.constantFrom<SessionInput>(
      { type: 'start' },
      { type: 'opened' },
      { type: 'restarted' },
      { type: 'ended' },
      named,
      missing,
      refused,
      dead,
    ),
    fc.nat(8000).map(after),
  );
  fc.assert(
    fc.property(fc.array(input, { maxLength: 60 }), fc.boolean(), (inputs, handshake) => {
      let state = step(settings, initialState, { type: 'start' }, 0).state;
      let open = true;
      for (const next of inputs) {
        const result = step({ ...settings, handshake }, state, next, 0.3);
        state = result.state;
        for (const { type } of result.effects) {
          if (type === 'close') open = false;
          if (type === 'open') {
            assert.ok(!open, 'opened while open');
            open = true;
          }
        }
        assert.notEqual(state.phase, 'stopped');
        const failed = next.type === 'failed' && state.phase === 'waiting' && result.effects.length > 0;
        if (failed) assert.ok(result.effects.some(({ type }) => type === 'timer'));
      }
    }),
  );
});
