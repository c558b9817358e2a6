/**
 * Geometry files: JSON that lists taxels or describes a grid.
 *
 *   {"id": "pad", "taxels": [{"p": [0.8, 1.3]}, {"p": [-0.7, 1.3, 0.2], "raw": 5}], "orders": {"spiral": [1, 0]}}
 *   {"id": "mat", "grid": {"rows": 12, "cols": 32, "pitch": [2, 2], "origin": "top-left"}, "perm": [...]}
 *
 * `perm[i]` is the listed taxel (or the grid cell) that row i of the data stands for; without it, rows are as listed.
 */
import { z } from 'zod';
import { type Geometry, isPermutation, MAX_RAW, MAX_TAXELS, rowOrder, type Taxel } from './geometry.js';
import { CORNERS, gridTaxels } from './grid.js';

/** One thing wrong with a geometry file. */
export interface GeometryIssue {
  /** Where, e.g. "taxels.3.p"; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** A geometry that cannot be used; `issues` has everything that is wrong with it (the first 50). */
export class GeometryError extends Error {
  override readonly name = 'GeometryError';
  readonly issues: readonly GeometryIssue[];

  constructor(issues: readonly GeometryIssue[]) {
    const shown = issues.slice(0, 50);
    const more = issues.length > shown.length ? [`and ${issues.length - shown.length} more`] : [];
    const lines = shown.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    super([...lines, ...more].join('\n'));
    this.issues = shown;
  }
}

const MAX_MM = 10_000;
const coordinate = z.number().min(-MAX_MM).max(MAX_MM);
const raw = z.int().min(0).max(MAX_RAW);
const side = z.int().min(1).max(MAX_TAXELS);
const pitch = z.number().positive().max(MAX_MM);
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'up to 64 lower-case letters, digits and hyphens');

const taxel = z.strictObject({
  p: z.union([z.tuple([coordinate, coordinate]), z.tuple([coordinate, coordinate, coordinate])], {
    error: `a position [x, y] or [x, y, z] in mm, each from -${MAX_MM} to ${MAX_MM}`,
  }),
  raw: raw.optional(),
});

const grid = z.strictObject({
  rows: side,
  cols: side,
  pitch: z.tuple([pitch, pitch]),
  order: z.enum(['row-major', 'column-major']).default('row-major'),
  origin: z.enum(CORNERS).default('top-left'),
  flip: z.tuple([z.boolean(), z.boolean()]).default([false, false]),
});

/** The schema of a file of `count` taxels: permutations are checked in the same pass as everything else. */
function fileSchema(count: number) {
  const permutation = z
    .array(z.int())
    .refine((order) => isPermutation(order, count), `must hold each of 0 .. ${count - 1} exactly once`);
  return z.strictObject({
    id: name,
    version: z.literal(1).optional(),
    unit: z.literal('mm').default('mm'),
    source: z.string().max(1000).optional(),
    taxels: z.array(taxel).min(1).optional(),
    grid: grid.optional(),
    perm: permutation.optional(),
    orders: z.record(name, permutation).default({}),
  });
}

/**
 * The geometry that parsed JSON describes. Throws GeometryError with every issue at once, each with its path.
 */
export function parseGeometry(input: unknown): Geometry {
  const count = countTaxels(input);
  if (count > MAX_TAXELS) {
    throw new GeometryError([
      { path: '', message: `has ${count} taxels; at most ${MAX_TAXELS} are allowed` },
    ]);
  }
  const parsed = fileSchema(count).safeParse(input);
  const issues = [...(parsed.error?.issues.map(toIssue) ?? []), ...wholeFileIssues(input)];
  if (parsed.data === undefined || issues.length > 0) throw new GeometryError(issues);

  const { id, unit, orders, perm } = parsed.data;
  const listed =
    parsed.data.grid === undefined ? listedTaxels(parsed.data.taxels ?? []) : gridTaxels(parsed.data.grid);
  const taxels = perm === undefined ? listed : perm.map((cell) => listed[cell]!);
  return { id, unit, taxels, orders: { ...orders, row: rowOrder(count) } };
}

function listedTaxels(taxels: readonly z.infer<typeof taxel>[]): Taxel[] {
  return taxels.map(({ p, raw }, i) => ({ x: p[0], y: p[1], z: p[2] ?? 0, raw: raw ?? i }));
}

/** What no single field can tell: which of taxels and grid is there, and whether two taxels share a channel. */
function wholeFileIssues(input: unknown): GeometryIssue[] {
  if (!isObject(input)) return [];
  const issues: GeometryIssue[] = [];
  if ('taxels' in input === 'grid' in input) {
    issues.push({ path: '', message: 'needs either "taxels" or "grid", and not both' });
  }
  if (isObject(input['orders']) && 'row' in input['orders']) {
    issues.push({
      path: 'orders.row',
      message: '"row" is always the order of the data; choose another name',
    });
  }
  const owner = new Map<unknown, number>();
  for (const [i, entry] of arrayOf(input['taxels']).entries()) {
    const channel = (isObject(entry) ? entry['raw'] : undefined) ?? i;
    const first = owner.get(channel);
    if (first === undefined) owner.set(channel, i);
    else issues.push({ path: `taxels.${i}.raw`, message: `channel ${channel} is taken by taxel ${first}` });
  }
  return issues;
}

/** Number of taxels a file seems to describe; 0 where that cannot be told (the schema then says why). */
function countTaxels(input: unknown): number {
  if (!isObject(input)) return 0;
  if (input['grid'] === undefined) return arrayOf(input['taxels']).length;
  const { rows, cols } = isObject(input['grid']) ? input['grid'] : {};
  const cells = Number(rows) * Number(cols);
  return Number.isInteger(cells) && cells > 0 ? cells : 0;
}

function toIssue(issue: z.core.$ZodIssue): GeometryIssue {
  return { path: issue.path.join('.'), message: issue.message };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function arrayOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
