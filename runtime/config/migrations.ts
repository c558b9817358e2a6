/** What has changed in the layout of the file, one version after the other. Pure. */
import { type Document, isMap, isScalar, type Pair, type YAMLMap } from 'yaml';
import { type Edit, endOf, startOf } from './text-edit.js';

/** One change that brings a file nearer to the next version. It takes away and adds no line, so that places stay true. */
export interface MigrationStep {
  /** The key that it is about, as it stood before. */
  readonly path: readonly string[];
  /** What has become of it. */
  readonly message: string;
  /** Offset of the key in the text. */
  readonly at: number;
  readonly edits: readonly Edit[];
}

/**
 * Finds in a file of one version what is another way in the next. It finds nothing in a file that is laid out as the next
 * version wants it, because a file need not say its version. What it cannot carry over it leaves, for the schema to refuse.
 */
export type Migration = (document: Document, text: string) => MigrationStep[];

/** The first one leads from version 1 to 2. */
export const migrations: readonly Migration[] = [codecToDriver];

/** Keys that were once in the layout, by their path with `*` for names, and what they are now. */
export const formerKeys: Readonly<Record<string, string>> = { 'sensors.*.codec': 'driver.kind' };

/** Version 2: `codec: tef`, from before there were drivers, is `driver: { kind: tef }`. */
function codecToDriver(document: Document, text: string): MigrationStep[] {
  const sensors = document.get('sensors');
  if (!isMap(sensors)) return [];
  return (sensors.items as Pair[]).flatMap(({ key, value: sensor }): MigrationStep[] => {
    const codec = isMap(sensor) ? pairOf(sensor, 'codec') : undefined;
    if (!isMap(sensor) || codec === undefined) return [];
    const path = ['sensors', String(isScalar(key) ? key.value : key), 'codec'];
    const [from, to] = [startOf(codec), endOf(codec)];
    const { value } = codec;
    if (!isScalar(value) || value.anchor !== undefined || from === undefined || to === undefined) return [];
    const message = 'is driver.kind since version 2 of the layout';
    const driver = [
      { from, to: from + 'codec'.length, text: 'driver: { kind' },
      { from: to, to, text: ' }' },
    ];
    if (text.slice(from, from + 'codec'.length) !== 'codec') return []; // in quotes
    if (!sensor.has('driver')) return [{ path, message, at: from, edits: driver }];
    if (sensor.getIn(['driver', 'kind']) !== value.value) return [];
    const edits = [removal(sensor, codec, text)];
    return [{ path, message: `${message}, which says the same`, at: from, edits }];
  });
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return (map.items as Pair[]).find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** Takes an entry away: in braces with the comma that belongs to it, else without the ends of its lines. */
function removal(map: YAMLMap, pair: Pair, text: string): Edit {
  const pairs = map.items as Pair[];
  const at = pairs.indexOf(pair);
  const [before, after] = [pairs[at - 1], pairs[at + 1]];
  let [from, to] = [startOf(pair)!, endOf(pair)!];
  if (map.flow === true && after !== undefined) to = startOf(after) ?? to;
  else if (map.flow === true) from = (before && endOf(before)) ?? from;
  return { from, to, text: text.slice(from, to).replace(/[^\n]/g, '') };
}
