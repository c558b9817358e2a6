/** `npm run drill` lists the drills, `npm run drill -- NAME [arguments]` runs one: a promise put to the proof at length. */
import { runMenu } from '../support/menu.js';

await runMenu(
  { kind: 'drill', folder: import.meta.dirname, infrastructure: ['main.js'] },
  process.argv.slice(2),
);
