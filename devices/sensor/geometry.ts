/**
 * Where the taxels of a sensor lie, in which orders a location neuron may visit them, and under which numbers the
 * hardware knows them. Taxel i of every list here is row i of the data (`EventBatch.taxel`).
 */
export interface Geometry {
  /** Name for people and configuration files, e.g. "neutouch-b". */
  readonly id: string;
  readonly unit: 'mm';
  readonly taxels: readonly Taxel[];
  /** Named location orders: each a permutation of 0 .. taxels-1, "row" always among them. */
  readonly orders: Readonly<Record<string, readonly number[]>>;
}

export interface Taxel {
  /** Position in millimetres in the frame of the sensor: x to the right, y up, z out of the skin. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Number of the taxel on the wire of its hardware (receptor id, multiplexer channel), 0 .. 65535. */
  readonly raw: number;
}

/** Most taxels a geometry may have. */
export const MAX_TAXELS = 4096;

/** Highest hardware channel number a geometry may name. */
export const MAX_RAW = 65_535;

/** The order 0, 1, 2 ... every geometry has under the name "row". */
export function rowOrder(taxels: number): number[] {
  return Array.from({ length: taxels }, (_, i) => i);
}

/** True when `order` holds each of 0 .. count-1 exactly once. */
export function isPermutation(order: readonly number[], count: number): boolean {
  if (order.length !== count) return false;
  const seen = new Uint8Array(count);
  for (const i of order) {
    if (!(Number.isInteger(i) && i >= 0 && i < count) || seen[i] === 1) return false;
    seen[i] = 1;
  }
  return true;
}

/** A location order of a geometry by its name. Throws RangeError that lists the names there are. */
export function locationOrder(geometry: Geometry, name: string): readonly number[] {
  const order = Object.hasOwn(geometry.orders, name) ? geometry.orders[name] : undefined;
  if (order !== undefined) return order;
  const names = Object.keys(geometry.orders).join(', ');
  throw new RangeError(`geometry ${geometry.id} has no location order "${name}"; it has: ${names}`);
}

/** Positions in the plane of the sensor, `[x, y]` in mm by taxel: what graphs over the taxels are made from. */
export function planePositions(geometry: Geometry): (readonly [x: number, y: number])[] {
  return geometry.taxels.map(({ x, y }) => [x, y] as const);
}
