/**
 * `npm run bench` lists the benchmarks, `npm run bench -- NAME [arguments]` runs one. The last line of a run is JSON:
 * `{"bench": NAME, "figures": {...}}`. `npm run bench -- all` runs every one and writes RESULTS.md. Exit code 2: no such
 * benchmark.
 */
import { readdirSync } from 'node:fs';
import type { Bench } from './bench.js';
import { writeResults } from './results.js';

const infrastructure = new Set(['bench.js', 'main.js', 'results.js']);
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.js') && !infrastructure.has(file))
  .map((file) => file.slice(0, -'.js'.length))
  .sort();

async function load(name: string): Promise<Bench> {
  const module = (await import(`./${name}.js`)) as { bench?: Bench };
  if (module.bench === undefined) throw new Error(`test/bench/${name}.ts exports no 'bench'`);
  return module.bench;
}

async function list(): Promise<void> {
  console.log('npm run bench -- NAME [arguments]   or   npm run bench -- all');
  for (const name of names) console.log(`  ${name.padEnd(12)} ${(await load(name)).about}`);
}

const [name, ...args] = process.argv.slice(2);
if (name === undefined) {
  await list();
} else if (name === 'all') {
  writeResults(names);
} else if (names.includes(name)) {
  const figures = await (await load(name)).run(args);
  console.log(JSON.stringify({ bench: name, figures }));
} else {
  console.error(`no benchmark '${name}'; there are: ${names.join(', ')}`);
  process.exitCode = 2;
}
