/**
 * The check of configurations, fed with spoiled ones: as text, as data, by the environment, by flags. Promised: nothing is
 * thrown, nothing takes long, and what comes back is a configuration or errors in words.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { Random } from '../../devices/simulator/random.js';
import { check } from '../../runtime/config/check.js';
import { configJsonSchema } from '../../runtime/config/index.js';
import { integer } from '../support/driver-kinds.js';
import { spoilText, spoilValue } from '../support/mutations.js';
import { root } from '../support/paths.js';
import { type FuzzOptions, type FuzzTarget, feedAll } from './fuzz.js';

export const fuzz: FuzzTarget = {
  name: 'config',
  about: 'the check of configurations with spoiled ones',
  inputs: 1_000_000,
  run,
};

type Tree = Record<string, unknown>;

const example = parse(readFileSync(join(root, 'runtime/config/example.yaml'), 'utf8')) as Tree;
/** Words of the schema: names of keys, kinds and values. */
const words = [...new Set(JSON.stringify(configJsonSchema()).match(/[A-Za-z]+/g))];

async function run(options: FuzzOptions): Promise<Record<string, number>> {
  const counts = { accepted: 0, refused: 0, errors: 0 };
  const fed = await feedAll(options, (seed, again) => {
    const result = check(anInput(new Random(seed)));
    const errors = 'errors' in result ? result.errors : [];
    if ('errors' in result && errors.length === 0) throw new Error('neither a configuration nor an error');
    for (const { message } of [...errors, ...result.warnings])
      if (message === '' || message.includes('[object'))
        throw new Error(`an error without words: ${message}`);
    if (again) return;
    counts[errors.length === 0 ? 'accepted' : 'refused']++;
    counts.errors += errors.length;
  });
  return { ...fed, ...counts, rss_mb: Math.round(process.memoryUsage().rss / 2 ** 20) };
}

function anInput(random: Random): Parameters<typeof check>[0] {
  const tree = somePart(random);
  const what = random.next();
  const text = what < 0.45 ? asText(spoilValue(tree, random)) : asText(tree);
  return {
    text: what > 0.35 && what < 0.8 ? spoilText(text, random) : text,
    env: random.next() < 0.3 ? { [variable(random)]: spoilText(random.pick(words), random) } : {},
    overrides: random.next() < 0.3 ? [override(random)] : [],
  };
}

/** One or two sections of the example, thinned out; a sensor or a pipeline for all of them. */
function somePart(random: Random): Tree {
  const names = Object.keys(example);
  const chosen = Array.from({ length: integer(random, 1, 2) }, () => random.pick(names));
  return Object.fromEntries(
    chosen.map((name) => {
      const section = example[name];
      if (name !== 'sensors' && name !== 'pipelines') return [name, thinned(section, random)];
      const [one, value] = random.pick(Object.entries(section as Tree));
      return [name, { [one]: thinned(value, random) }];
    }),
  );
}

/** A copy without most of the keys, where there are many: small inputs are quick. */
function thinned(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const kept = entries.filter(([key]) => key === 'kind' || random.next() < 3 / entries.length);
  return Object.fromEntries(kept.map(([key, inner]) => [key, thinned(inner, random)]));
}

/** Mostly JSON, which is YAML, and quicker to write. */
function asText(value: unknown): string {
  const json = JSON.stringify(value) ?? '';
  return json.length % 8 === 0 ? stringify(value, { aliasDuplicateObjects: false }) : json;
}

function variable(random: Random): string {
  const path = Array.from({ length: integer(random, 1, 4) }, () => random.pick(words).toUpperCase());
  return `WHORL_${path.join('_')}`;
}

function override(random: Random): Parameters<typeof check>[0]['overrides'][number] {
  const path = Array.from({ length: integer(random, 1, 4) }, () =>
    random.pick([...Object.keys(example), '__proto__', 'constructor', '0', '', random.pick(words)]),
  );
  return {
    path,
    value: spoilValue(random.pick<unknown>(['', 'true', '1', '[1]', { a: 1 }]), random),
    source: '--set',
  };
}
