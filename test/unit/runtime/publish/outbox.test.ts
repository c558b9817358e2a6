import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPublishCounters } from '../../../../runtime/publish/counters.js';
import { DELIVERY } from '../../../../runtime/publish/messages/catalog.js';
import {
  MAX_FLYING,
  MAX_QUEUED,
  MAX_TOPICS,
  Outbox,
  type Parcel,
} from '../../../../runtime/publish/outbox.js';
import * as fc from '../../../support/fast-check.js';

let number = 0;

function kept(topic: string, expiresUs = Number.POSITIVE_INFINITY): Parcel {
  return { topic, delivery: DELIVERY.info, body: { n: number++ }, expiresUs };
}

function fresh(expiresUs = Number.POSITIVE_INFINITY): Parcel {
  return { topic: 'decision', delivery: DELIVERY.decision, body: { n: number++ }, expiresUs };
}

function outbox() {
  const counters = createPublishCounters();
  return { counters, box: new Outbox(counters) };
}

function drain(box: Outbox, nowUs = 0): Parcel[] {
  const out: Parcel[] = [];
  for (let parcel = box.next(nowUs); parcel !== undefined; parcel = box.next(nowUs)) out.push(parcel);
  return out;
}

test('of a topic only the newest message is sent, in the order of the topics', () => {
  const { box, counters } = outbox();
  const [a1, b, a2] = [kept('a'), kept('b'), kept('a')];
  for (const parcel of [a1, b, a2]) box.put(parcel);
  assert.deepEqual(drain(box), [a2, b]);
  assert.equal(counters.conflated, 1);
});

test('a topic has one message on its way; a newer one follows when that has arrived', () => {
  const { box, counters } = outbox();
  const [a1, a2, a3] = [kept('a'), kept('a'), kept('a')];
  box.put(a1);
  assert.equal(box.next(0), a1);
  box.put(a2);
  box.put(a3);
  assert.equal(box.next(0), undefined);
  assert.equal(counters.conflated, 1);
  box.settle(a1);
  assert.equal(box.next(0), a3);
  box.settle(a3);
  assert.ok(box.idle);
});

test('at a restart every retained topic is told anew, its newest message, also what was on its way', () => {
  const { box } = outbox();
  const [a, b1, b2, c] = [kept('a'), kept('b'), kept('b'), kept('c')];
  box.put(a);
  box.put(b1);
  for (const parcel of drain(box)) if (parcel === a) box.settle(parcel);
  box.put(b2);
  box.put(c);
  box.restart();
  assert.deepEqual(drain(box), [a, b2, c]);
});

test('an acknowledgement from before a restart is no news', () => {
  const { box } = outbox();
  const a = kept('a');
  box.put(a);
  box.next(0);
  box.restart();
  box.settle(a);
  assert.equal(box.next(0), a);
});

test('decisions keep their order, come again when not acknowledged, and expire', () => {
  const { box, counters } = outbox();
  const [d1, d2, d3] = [fresh(100), fresh(200), fresh(300)];
  for (const parcel of [d1, d2, d3]) box.put(parcel);
  assert.deepEqual([box.next(0), box.next(0)], [d1, d2]);
  box.settle(d1);
  box.restart();
  assert.deepEqual(drain(box, 150), [d2, d3]);
  box.restart();
  assert.deepEqual(drain(box, 250), [d3]);
  assert.equal(counters.droppedExpired, 1);
});

test('a retained message that has expired is not told at a restart', () => {
  const { box } = outbox();
  box.put(kept('state', 100));
  for (const parcel of drain(box)) box.settle(parcel);
  box.restart();
  assert.deepEqual(drain(box, 100), []);
  assert.ok(box.idle);
});

test('everything has a bound', () => {
  const { box, counters } = outbox();
  for (let i = 0; i < MAX_TOPICS + 5; i++) box.put(kept(`t${i}`));
  for (let i = 0; i < MAX_QUEUED + 7; i++) box.put(fresh());
  assert.equal(counters.droppedFull, 12);
  assert.equal(drain(box).length, MAX_FLYING);
});

test('whatever happens, each topic ends with its newest message, and every decision is sent or counted', () => {
  const action = fc.oneof(
    fc.record({ do: fc.constant('keep' as const), topic: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ do: fc.constant('decide' as const) }),
    fc.record({ do: fc.constant('send' as const) }),
    fc.record({ do: fc.constant('acknowledge' as const) }),
    fc.record({ do: fc.constant('restart' as const) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const { box, counters } = outbox();
      const newest = new Map<string, Parcel>();
      const told = new Map<string, Parcel>();
      const decisions = new Set<Parcel>();
      const arrived = new Set<Parcel>();
      let flying: Parcel[] = [];
      const acknowledge = (parcel: Parcel): void => {
        box.settle(parcel);
        told.set(parcel.topic, parcel);
        arrived.add(parcel);
      };
      const send = (): boolean => {
        const parcel = box.next(0);
        if (parcel !== undefined) flying.push(parcel);
        return parcel !== undefined;
      };
      for (const act of actions) {
        if (act.do === 'keep') {
          const parcel = kept(act.topic);
          newest.set(act.topic, parcel);
          box.put(parcel);
        } else if (act.do === 'decide') {
          const parcel = fresh();
          decisions.add(parcel);
          box.put(parcel);
        } else if (act.do === 'send') send();
        else if (act.do === 'acknowledge') {
          const parcel = flying.shift();
          if (parcel !== undefined) acknowledge(parcel);
        } else {
          flying = [];
          box.restart();
        }
      }
      while (send() || flying.length > 0) {
        const parcel = flying.shift();
        if (parcel !== undefined) acknowledge(parcel);
      }
      assert.ok(box.idle);
      for (const [topic, parcel] of newest) assert.equal(told.get(topic), parcel);
      assert.deepEqual([...decisions].filter((parcel) => !arrived.has(parcel)).length, counters.droppedFull);
    }),
  );
});
