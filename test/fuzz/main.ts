/**
 * `npm run fuzz` lists the targets, `npm run fuzz -- NAME [inputs [seed]]` feeds one with random inputs. The last line of
 * a run is JSON: `{"fuzz": NAME, "figures": {...}}`. Exit code 1: an input broke a promise. 2: no such target.
 */
import { readdirSync } from 'node:fs';
import type { FuzzTarget } from './fuzz.js';

const infrastructure = new Set(['fuzz.js', 'main.js']);
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.js') && !infrastructure.has(file))
  .map((file) => file.slice(0, -'.js'.length))
  .sort();

async function load(name: string): Promise<FuzzTarget> {
  const module = (await import(`./${name}.js`)) as { fuzz?: FuzzTarget };
  if (module.fuzz === undefined) throw new Error(`test/fuzz/${name}.ts exports no 'fuzz'`);
  return module.fuzz;
}

async function list(): Promise<void> {
  console.log('npm run fuzz -- NAME [inputs [seed]]');
  for (const name of names) {
    const { about, inputs } = await load(name);
    console.log(`  ${name.padEnd(12)} ${about} (${inputs} inputs)`);
  }
}

function whole(text: string | undefined, fallback: number): number {
  const value = Number(text ?? fallback);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`'${text}' must be a whole number`);
}

async function run(name: string, args: readonly string[]): Promise<void> {
  const target = await load(name);
  const inputs = whole(args[0], target.inputs);
  const seed = whole(args[1], 1);
  const started = Date.now();
  const progress = (done: number): void => {
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    console.error(`${name}: ${done} of ${inputs} inputs, ${seconds} s`);
  };
  const figures = await target.run({ inputs, seed, progress });
  console.log(
    JSON.stringify({ fuzz: name, figures: { ...figures, seconds: (Date.now() - started) / 1000 } }),
  );
}

const [name, ...args] = process.argv.slice(2);
if (name === undefined) {
  await list();
} else if (names.includes(name)) {
  await run(name, args).catch((error: Error) => {
    console.error(error.message, error.cause ?? '');
    process.exitCode = 1;
  });
} else {
  console.error(`no target '${name}'; there are: ${names.join(', ')}`);
  process.exitCode = 2;
}
