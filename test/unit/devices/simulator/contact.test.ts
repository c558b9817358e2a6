import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CONTACT_KINDS,
  type Contact,
  type ContactKind,
  type ContactOptions,
  neutouchB,
  OBJECT_SHAPES,
  parseGeometry,
  simulateContact,
} from '../../../../devices/index.js';

function contact(kind: ContactKind, seed: number, change: Partial<ContactOptions> = {}): Contact {
  return simulateContact({
    kind,
    shape: OBJECT_SHAPES[seed % OBJECT_SHAPES.length]!,
    seed,
    geometry: neutouchB,
    ...change,
  });
}

/** Contacts of one kind, four of each shape. */
const samples = new Map(
  CONTACT_KINDS.map((kind) => [kind, Array.from({ length: 24 }, (_, i) => contact(kind, 1000 + i))]),
);

/** Mean over the samples of a kind. */
function mean(kind: ContactKind, figure: (contact: Contact) => number): number {
  const contacts = samples.get(kind)!;
  return contacts.reduce((sum, each) => sum + figure(each), 0) / contacts.length;
}

/** Number of events of one polarity between two shares of the contact's duration. */
function between({ events, durationUs }: Contact, from: number, to: number, polarity: number): number {
  let count = 0;
  for (let i = 0; i < events.length; i++) {
    const share = events.tUs[i]! / durationUs;
    if (share >= from && share < to && events.polarity[i] === polarity) count++;
  }
  return count;
}

/** Share of the events whose taxel fired with the other polarity just before. */
function reversals({ events }: Contact): number {
  const last = new Map<number, number>();
  let count = 0;
  for (let i = 0; i < events.length; i++) {
    const before = last.get(events.taxel[i]!);
    if (before !== undefined && before !== events.polarity[i]) count++;
    last.set(events.taxel[i]!, events.polarity[i]!);
  }
  return count / events.length;
}

/** Distance in mm between the middle of the first ON events (30 %) and that of the last OFF events. */
function travel({ events }: Contact): number {
  const middle = (polarity: number, part: (all: number[]) => number[]): [number, number] => {
    const all = [...events.taxel.keys()].filter((i) => events.polarity[i] === polarity);
    const some = part(all).map((i) => neutouchB.taxels[events.taxel[i]!]!);
    return [
      some.reduce((sum, { x }) => sum + x, 0) / some.length,
      some.reduce((sum, { y }) => sum + y, 0) / some.length,
    ];
  };
  const first = middle(1, (all) => all.slice(0, Math.ceil(0.3 * all.length)));
  const last = middle(0, (all) => all.slice(-Math.ceil(0.3 * all.length)));
  return Math.hypot(first[0] - last[0], first[1] - last[1]);
}

suite('a simulated contact', () => {
  test('is the same for the same seed, another for another', () => {
    assert.deepEqual(contact('slide', 7), contact('slide', 7));
    assert.notDeepEqual(contact('slide', 7).events, contact('slide', 7 + OBJECT_SHAPES.length).events);
  });

  for (const kind of CONTACT_KINDS) {
    test(`${kind}: events of every shape are in order, on the pad, in whole microseconds, and neither few nor many`, () => {
      for (const { events, durationUs, label } of samples.get(kind)!) {
        assert.equal(label, CONTACT_KINDS.indexOf(kind));
        assert.ok(events.length >= 40 && events.length <= 8000, `${events.length} events`);
        assert.ok(durationUs <= 1_000_000, 'fits into a window of one second');
        assert.ok(events.tUs.at(-1)! <= durationUs + 31_000);
        for (let i = 0; i < events.length; i++) {
          assert.ok(Number.isInteger(events.tUs[i]) && events.tUs[i]! >= (events.tUs[i - 1] ?? 0));
          assert.ok(events.taxel[i]! < 39);
        }
      }
    });
  }

  test('a press has ON events first, OFF events last and few in between', () => {
    assert.ok(
      mean('press', (c) => between(c, 0, 0.25, 1)) > 5 * mean('press', (c) => between(c, 0, 0.25, 0)),
    );
    assert.ok(
      mean('press', (c) => between(c, 0.75, 1.1, 0)) > 5 * mean('press', (c) => between(c, 0.75, 1.1, 1)),
    );
    assert.ok(
      mean('press', (c) => between(c, 0.3, 0.7, 1)) < 0.2 * mean('press', (c) => between(c, 0, 0.25, 1)),
    );
  });

  test('a tap is over before others have begun', () => assert.ok(mean('tap', (c) => c.durationUs) < 150_000));

  test('a slide and a roll travel, a press and a tap do not', () => {
    for (const kind of ['slide', 'texture', 'roll'] as const) assert.ok(mean(kind, travel) > 3, kind);
    for (const kind of ['press', 'tap'] as const) assert.ok(mean(kind, travel) < 1.5, kind);
  });

  test('texture trembles where a slide does not', () =>
    assert.ok(mean('texture', reversals) > 1.5 * mean('slide', reversals)));

  test('a slip is quiet, then sudden: its busiest 100 ms has more events than those of a slide', () => {
    const busiest = ({ events }: Contact): number => {
      const bins = new Uint32Array(11);
      for (const tUs of events.tUs) bins[Math.floor(tUs / 100_000)]!++;
      return Math.max(...bins.subarray(2)) / events.length;
    };
    assert.ok(mean('slip', busiest) > 1.5 * mean('slide', busiest));
  });

  test('a roll has no rest: less of it is ON events at its start than of a slide', () =>
    assert.ok(
      mean('roll', (c) => between(c, 0, 0.15, 1) / c.events.length) <
        0.8 * mean('slide', (c) => between(c, 0, 0.15, 1) / c.events.length),
    ));
});

suite('the simulated sensor', () => {
  test('has background events far below the onset of a contact', () => {
    const quiet = { thresholdKpa: 1e6, backgroundHz: 200 };
    const { events, durationUs } = contact('press', 3, quiet);
    const expected = (200 * (durationUs + 30_000)) / 1e6;
    assert.ok(
      Math.abs(events.length - expected) < 4 * Math.sqrt(expected),
      `${events.length} for ${expected}`,
    );
    assert.equal(contact('press', 3, { ...quiet, backgroundHz: 0 }).events.length, 0);
    assert.ok(mean('press', (c) => between(c, 0, 0.25, 1)) > 100);
  });

  test('its noise alone makes no events', () => {
    const events = Array.from({ length: 10 }, (_, seed) => contact('press', seed, { backgroundHz: 0 }));
    const late = events.filter(({ events: e, durationUs }) => e.tUs.at(-1)! > durationUs + 20_000);
    assert.deepEqual(late, []);
  });

  test('is more eager with a lower threshold', () =>
    assert.ok(
      contact('press', 1, { thresholdKpa: 0.75 }).events.length > 1.6 * contact('press', 1).events.length,
    ));

  test('may be any geometry', () => {
    const geometry = parseGeometry({ id: 'mat', grid: { rows: 12, cols: 32, pitch: [2, 2] } });
    const { events } = contact('slide', 1, { geometry });
    assert.ok(events.length > 100);
    assert.ok(Math.max(...events.taxel) > 39);
    assert.equal(
      contact('tap', 1, { geometry: parseGeometry({ id: 'one', taxels: [{ p: [0, 0] }] }) }).kind,
      'tap',
    );
  });

  test('refuses figures out of range by name', () => {
    for (const [change, message] of [
      [{ thresholdKpa: 0 }, /thresholdKpa is 0/],
      [{ noiseKpa: -1 }, /noiseKpa/],
      [{ gainSpread: 2 }, /gainSpread/],
      [{ backgroundHz: Number.NaN }, /backgroundHz/],
      [{ frameUs: 1 }, /frameUs/],
    ] as const) {
      assert.throws(() => contact('press', 1, change), message);
    }
  });
});
