/**
 * Every driver, fed with what bad links and no sensors at all send, at any cut. Promised: nothing is thrown, every byte
 * is accounted for after every chunk, no more bytes are held than the driver's bound, no input takes long, and what comes
 * out are events of taxels that there are at times that are numbers.
 */
import type { Driver, DriverSink, EventBatch, SensorLevels } from '../../devices/index.js';
import { Random } from '../../devices/simulator/random.js';
import { type DriverKind, driverKinds, integer, wildStream } from '../support/driver-kinds.js';
import { type FuzzOptions, type FuzzTarget, feedAll } from './fuzz.js';

export const fuzz: FuzzTarget = {
  name: 'decoders',
  about: 'all drivers with random and damaged streams',
  inputs: 1_000_000,
  run,
};

class Subject {
  readonly kind: DriverKind;
  readonly driver: Driver;
  readonly sink = new CheckingSink();
  mostHeld = 0;
  private accepted = 0;

  constructor(kind: DriverKind) {
    this.kind = kind;
    this.driver = kind.make();
    this.sink.taxels = kind.taxels;
  }

  /** One input, in random pieces, on a link of its own. */
  feed(bytes: Uint8Array, random: Random): void {
    const { driver, sink } = this;
    sink.discarded = 0;
    this.accepted = driver.accepted;
    let arrivalUs = integer(random, 0, 1e9);
    for (let from = 0; from < bytes.length; ) {
      const to = Math.min(bytes.length, from + integer(random, 1, random.pick([1, 8, 64, 4096])));
      driver.push(bytes.subarray(from, to), sink, arrivalUs);
      this.account(to);
      arrivalUs += integer(random, 0, 100_000);
      from = to;
    }
    driver.reset(sink);
    this.account(bytes.length);
    if (driver.buffered !== 0) throw new Error(`${driver.buffered} bytes are left after a reset`);
  }

  private account(pushed: number): void {
    const { accepted, buffered } = this.driver;
    const known = accepted - this.accepted + this.sink.discarded + buffered;
    if (known !== pushed) throw new Error(`${pushed} bytes were pushed, ${known} are accounted for`);
    this.mostHeld = Math.max(this.mostHeld, buffered);
    if (buffered > this.kind.heldBytes)
      throw new Error(`${buffered} bytes are held, over the bound of ${this.kind.heldBytes}`);
  }
}

/** Counts what comes, and throws at what must not. */
class CheckingSink implements DriverSink {
  taxels = 0;
  discarded = 0;
  eventCount = 0;
  frames = 0;

  events({ length, tUs, taxel, polarity }: EventBatch): void {
    if (length === 0) throw new Error('an empty batch came');
    this.eventCount += length;
    for (let i = 0; i < length; i++)
      if (!Number.isFinite(tUs[i]) || taxel[i]! >= this.taxels || polarity[i]! > 1)
        throw new Error(`event ${i} is (${tUs[i]}, ${taxel[i]}, ${polarity[i]})`);
  }
  advance(deviceUs: number): void {
    if (!Number.isFinite(deviceUs)) throw new Error(`time went on to ${deviceUs}`);
  }
  levels({ tUs, length, values }: SensorLevels): void {
    this.frames++;
    if (!Number.isFinite(tUs) || length > values.length) throw new Error(`levels ${length} at ${tUs}`);
  }
  discard(_reason: string, bytes: number): void {
    if (!(bytes > 0)) throw new Error(`${bytes} bytes were discarded`);
    this.discarded += bytes;
  }
  gap(_kind: string, count: number): void {
    if (!(count > 0)) throw new Error(`a gap of ${count}`);
  }
  reject(_reason: string, count: number): void {
    if (!(count > 0)) throw new Error(`${count} events were rejected`);
  }
  epoch(): void {}
  identity(): void {}
  log(): void {}
}

async function run(options: FuzzOptions): Promise<Record<string, number>> {
  const subjects = driverKinds.map((kind) => new Subject(kind));
  let bytes = 0;
  const { inputs, slowest_ms } = await feedAll(options, (seed, again) => {
    const length = feedOne(subjects, seed);
    if (!again) bytes += length;
  });
  const sum = (of: (subject: Subject) => number): number => subjects.reduce((all, one) => all + of(one), 0);
  return {
    inputs,
    drivers: subjects.length,
    bytes,
    events: sum(({ sink }) => sink.eventCount),
    frames: sum(({ sink }) => sink.frames),
    most_held_bytes: Math.max(...subjects.map(({ mostHeld }) => mostHeld)),
    slowest_ms,
  };
}

/** Feeds the input of a seed to the driver of that seed; gives back its length. */
function feedOne(subjects: readonly Subject[], seed: number): number {
  const random = new Random(seed);
  const subject = random.pick(subjects);
  const input = anInput(subject.kind, random);
  try {
    subject.feed(input, random);
  } catch (error) {
    throw new Error(`${subject.kind.name}: ${(error as Error).message}`, { cause: error });
  }
  return input.length;
}

/** What a sensor sends over a bad link, or noise, or what another sensor sends. */
function anInput(kind: DriverKind, random: Random): Uint8Array {
  const what = random.next();
  if (what < 0.8) return wildStream(kind, random);
  if (what < 0.9) return wildStream(random.pick(driverKinds), random);
  return Uint8Array.from({ length: integer(random, 0, 600) }, () => integer(random, 0, 255));
}
