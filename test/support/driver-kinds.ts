/** Every driver in every format it reads, each with a source of what its sensor sends: for properties and fuzzing. */
import {
  createDriver,
  type Driver,
  type DriverOptions,
  eventsFrom,
  TefEncoder,
} from '../../devices/index.js';
import type { Random } from '../../devices/simulator/random.js';
import { concat, hello } from './tef.js';
import {
  agniConfig,
  agniDatagram,
  anyskinFrame,
  edvsRecords,
  flexitacFrame,
  gloveDatagram,
  picFrame,
  ptsFrame,
  skinRecord,
  text,
  vitacFrame,
} from './wire-formats.js';

export interface DriverKind {
  readonly name: string;
  readonly make: () => Driver;
  /** All taxel indices lie below. */
  readonly taxels: number;
  /** The driver never holds more bytes than these back. */
  readonly heldBytes: number;
  /** Some whole frames, or records, in the order in which the sensor would send them. */
  readonly frames: (random: Random, count: number) => Uint8Array;
}

/** A useless run is held until a frame ends it, or until it has this many bytes. */
const runBytes = 512;

function kind(
  name: string,
  options: DriverOptions,
  longest: number,
  frames: DriverKind['frames'],
): DriverKind {
  const { taxels = 39 } = createDriver(options);
  return { name, make: () => createDriver(options), taxels, heldBytes: longest + runBytes, frames };
}

const threshold = 3;

/** Frames one after the other, from the number of each. */
function each(count: number, frame: (i: number) => Uint8Array): Uint8Array {
  return concat(...Array.from({ length: count }, (_, i) => frame(i)));
}

export function integer(random: Random, low: number, high: number): number {
  return Math.floor(random.between(low, high + 1));
}

function integers(random: Random, length: number, high: number): number[] {
  return Array.from({ length }, () => integer(random, 0, high));
}

function edvs(bits: 0 | 16 | 24 | 32 | 'auto'): DriverKind {
  const options = { kind: 'edvs', timestampBits: bits, rows: 8, columns: 8 } as const;
  return kind(`edvs ${bits}`, options, 2048, (random, count) => {
    let tUs = integer(random, 0, 2 ** 32 - 1);
    const events = Array.from({ length: count * (bits === 'auto' ? 120 : 12) }, () => {
      tUs += integer(random, 0, random.next() < 0.02 ? 20_000 : 60);
      const [x, y] = [integer(random, 0, 127), integer(random, 0, 127)];
      return { x, y, bit: integer(random, 0, 1), tUs };
    });
    return edvsRecords(bits === 'auto' ? random.pick([0, 16, 24, 32]) : bits, events);
  });
}

const tef = kind('tef', { kind: 'tef', taxels: 39, tickNs: 1000 }, 0, (random, count) => {
  const encoder = new TefEncoder({ frameBytes: 64 });
  const events = Array.from(
    { length: count * 5 },
    (_, i) => [i * 100 + integer(random, 0, 99), integer(random, 0, 45), integer(random, 0, 1)] as const,
  );
  return concat(
    encoder.hello({ ...hello, bootId: integer(random, 0, 2 ** 32 - 1) }),
    encoder.events(eventsFrom(events)),
    encoder.levels(5, 0, [1, 2, 3]),
  );
});

const anyskin = { chips: 2 };

/** Every driver, in each of its formats. */
export const driverKinds: readonly DriverKind[] = [
  tef,
  ...([0, 16, 24, 32, 'auto'] as const).map(edvs),
  kind(
    'flexitac',
    { kind: 'matrix', format: 'flexitac', rows: 3, columns: 4, threshold },
    16,
    (random, count) => each(count, () => flexitacFrame(integers(random, 12, 255))),
  ),
  kind(
    'vitac',
    { kind: 'matrix', format: 'vitac', rows: 3, columns: 4, threshold },
    4 * 130,
    (random, count) => each(count, () => vitacFrame([0, 1, 2].map(() => integers(random, 4, 255)))),
  ),
  kind(
    'text',
    { kind: 'matrix', format: 'text', rows: 2, columns: 3, prefix: 'T', threshold },
    163,
    (random, count) =>
      each(count, () => text(`T${integers(random, 6, 1023).join(random.pick([',', '\t', '   ']))}\n`)),
  ),
  kind('anyskin', { kind: 'anyskin', ...anyskin, threshold }, 3 * 34, (random, count) =>
    each(count, () => anyskinFrame([0, 1].map(() => [25, ...integers(random, 3, 900)]))),
  ),
  kind('contactile-pts', { kind: 'contactile-pts', pillars: 2, threshold }, 2048, (random, count) => {
    const first = integer(random, 0, 2 ** 32 - 1);
    return each(count, (i) =>
      ptsFrame((first + i) >>> 0, first * 1000 + i * 2000, [[0, 1].map(() => integers(random, 6, 9))]),
    );
  }),
  kind('agni-sp', { kind: 'agni-sp', taxels: 5, tickNs: 1e6, threshold }, 4104, (random, count) => {
    const ticks = integer(random, 0, 2 ** 32 - 1);
    const config =
      random.next() < 0.3
        ? [
            agniConfig([
              [1, 15],
              [2, integer(random, 0, 9)],
            ]),
          ]
        : [];
    const error = random.next() < 0.2 ? [agniDatagram(0xfe, [3, 0x62, 0x61, 0x64])] : [];
    return concat(
      ...config,
      each(count, (i) => gloveDatagram((ticks + i) >>> 0, integers(random, 5, 4095))),
      ...error,
    );
  }),
  kind('agni-sp pic', { kind: 'agni-sp', protocol: 'pic', threshold }, 5, (random, count) =>
    each(count, () => picFrame(integers(random, 64, 4095))),
  ),
  kind('icub-ae', { kind: 'icub-ae', devices: [3, 5, 0] }, 8, (random, count) => {
    const time = integer(random, 0, 2 ** 31 - 1);
    return each(count * 4, (i) =>
      skinRecord(time + i * 1000, random.pick([0, 3, 5, 9]), integer(random, 0, 15), integer(random, 0, 1)),
    );
  }),
];

/** What a bad link makes of it: whole frames, noise, runs of one byte and text, then bytes changed, lost and doubled. */
export function wildStream({ frames }: DriverKind, random: Random): Uint8Array {
  const parts = Array.from({ length: integer(random, 1, 4) }, () => {
    const what = random.next();
    if (what < 0.65) return frames(random, integer(random, 1, 5));
    if (what < 0.85) return Uint8Array.from(integers(random, integer(random, 0, 40), 255));
    if (what < 0.95) return text(random.pick(['eDVS4337 ready\r\n', 'help: ?\n', '12 13\n', 'T1,2,3\n']));
    return new Uint8Array(integer(random, 0, 1200)).fill(
      random.pick([0, 0x55, 0xaa, 0xf0, 0x80, 0x0a, 0xff]),
    );
  });
  let bytes: Uint8Array = concat(...parts);
  for (let n = integer(random, 0, 3); n > 0; n--) bytes = damaged(bytes, random);
  return bytes;
}

function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const at = integer(random, 0, bytes.length);
  const length = integer(random, 1, random.pick([1, 1, 3, 40]));
  const [before, rest] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (integer(random, 0, 4)) {
    case 0: {
      const changed = bytes.slice();
      if (at < bytes.length) changed[at]! ^= 1 << integer(random, 0, 7);
      return changed;
    }
    case 1:
      return concat(before, Uint8Array.from(integers(random, length, 255)), rest);
    case 2:
      return concat(before, rest.subarray(length));
    case 3:
      return concat(before, rest.subarray(0, length), rest);
    default:
      return before;
  }
}
