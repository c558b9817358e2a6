/** Valid things, spoiled by a seeded random: bytes, texts and JSON values as bad disks, bad peers and worse would have them. */
import type { Random } from '../../devices/simulator/random.js';
import { integer } from './driver-kinds.js';

/** Words and numbers at which readers break. */
const nastyTexts = [
  ...[
    '',
    '__proto__',
    'constructor',
    'toString',
    'kind',
    '0',
    '-1',
    'true',
    'null',
    '../../etc/passwd',
    'a/b',
  ],
  ...['\u0000', '\ud800', '\u202e', '\ufeff', '🙂', 'é'.repeat(40), 'x'.repeat(200), '%s', '<<', '&a', '*a'],
];
const nastyNumbers = [
  ...[
    0,
    -0,
    1,
    -1,
    2,
    255,
    256,
    65_535,
    65_536,
    65_537,
    1_048_577,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    2 ** 53 + 2,
    -(2 ** 53),
  ],
  ...[0.1, -0.5, 1e-320, 1e21, 1e308, -1e308, 0.999999999],
];
/** Pieces of JSON and YAML. */
const pieces = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  '\n',
  ' ',
  '- ',
  '? ',
  '#',
  '!!js ',
  'null',
  '1e999',
  '\\u0000',
  '"__proto__":{"a":1},',
];

/** A text of which something is not as it was: characters changed, cut, repeated, put in, numbers changed. */
export function spoilText(text: string, random: Random): string {
  let spoiled = text;
  for (let times = integer(random, 1, 3); times > 0; times--) spoiled = spoilOnce(spoiled, random);
  return spoiled;
}

function spoilOnce(text: string, random: Random): string {
  const at = integer(random, 0, text.length);
  const to = Math.min(text.length, at + integer(random, 0, random.pick([1, 4, 64])));
  switch (integer(random, 0, 6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(to);
    case 2:
      return text.slice(0, to) + text.slice(at);
    case 3:
      return text.slice(0, at) + random.pick(pieces) + text.slice(at);
    case 4:
      return text.slice(0, at) + String.fromCharCode(integer(random, 0, 0xffff)) + text.slice(at + 1);
    case 5:
      return text.slice(0, at) + '[{"a":'.repeat(integer(random, 1, 40)) + text.slice(at);
    default:
      return text.replace(/-?\d+(\.\d+)?/g, (number) =>
        random.next() < 0.2 ? String(random.pick(nastyNumbers)) : number,
      );
  }
}

/** Bytes of which some are flipped, cut off, cut out, repeated or replaced. */
export function spoilBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = integer(random, 0, bytes.length);
  const to = Math.min(bytes.length, at + integer(random, 0, random.pick([1, 8, 512])));
  switch (integer(random, 0, 3)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    default: {
      const flipped = bytes.slice();
      for (let flips = integer(random, 1, 4); flips > 0 && bytes.length > 0; flips--)
        flipped[integer(random, 0, bytes.length - 1)]! ^= 1 << integer(random, 0, 7);
      return flipped;
    }
  }
}

/** A copy of a JSON value with one to three of its parts replaced, removed, renamed, doubled or buried. */
export function spoilValue(value: unknown, random: Random): unknown {
  let spoiled = value;
  for (let times = integer(random, 1, 3); times > 0; times--) spoiled = spoilPart(spoiled, random);
  return spoiled;
}

function spoilPart(value: unknown, random: Random): unknown {
  const isList = Array.isArray(value);
  const entries: [string, unknown][] =
    isList || (typeof value === 'object' && value !== null) ? Object.entries(value as object) : [];
  if (entries.length === 0 || random.next() < 0.1) return anyValue(value, random);
  const at = integer(random, 0, entries.length - 1);
  const [key, inner] = entries[at]!;
  const what = random.next();
  if (what < 0.75) entries[at] = [key, spoilPart(inner, random)];
  else if (what < 0.82) entries.splice(at, 1);
  else if (what < 0.9)
    entries.push([random.pick([...nastyTexts, ...entries.map(([other]) => other)]), inner]);
  else if (what < 0.95) entries[at] = [`${key}x`, inner];
  else entries.push(...entries.slice(0, integer(random, 1, 20)));
  return isList ? entries.map(([, one]) => one) : ownEntries(entries);
}

/** Like `Object.fromEntries`, with keys such as `__proto__` as keys of its own. */
function ownEntries(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [key, value] of entries)
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  return object;
}

function anyValue(before: unknown, random: Random): unknown {
  switch (integer(random, 0, 7)) {
    case 0:
    case 1:
      return random.pick(nastyNumbers);
    case 2:
      return random.pick(nastyTexts);
    case 3:
      return random.pick([null, true, false, [], {}]);
    case 4:
      return Array.from({ length: random.pick([1, 3, 50]) }, () => before);
    case 5:
      return buried(before, random.pick([1, 5, 31, 33, 200]));
    case 6:
      return typeof before === 'number' ? before + random.pick([-1, 1, 0.5]) : [before];
    default:
      return typeof before === 'string' ? spoilText(before, random) : JSON.stringify(before);
  }
}

function buried(value: unknown, depth: number): unknown {
  let outer = value;
  for (let i = 0; i < depth; i++) outer = i % 2 === 0 ? [outer] : { a: outer };
  return outer;
}
