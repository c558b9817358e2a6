/**
 * `npm run study` lists the studies, `npm run study -- NAME [arguments]` runs one: trainings of many networks, side by
 * side on all cores, and a table of what came out, printed and written beside this file.
 */
import { runMenu } from '../support/menu.js';

const infrastructure = [
  'data.js',
  'main.js',
  'pool.js',
  'report.js',
  'training.js',
  'training-worker.js',
  'study.js',
];
await runMenu({ kind: 'study', folder: import.meta.dirname, infrastructure }, process.argv.slice(2));
