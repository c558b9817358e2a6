/**
 * `npm run bench` lists the benchmarks, `npm run bench -- NAME [arguments]` runs one, `npm run bench -- all` runs every
 * one and writes RESULTS.md.
 */
import { runMenu } from '../support/menu.js';
import { writeResults } from './results.js';

const infrastructure = ['bench.js', 'main.js', 'results.js'];
await runMenu(
  { kind: 'bench', folder: import.meta.dirname, infrastructure, all: writeResults },
  process.argv.slice(2),
);
