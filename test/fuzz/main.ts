/** `npm run fuzz` lists the targets, `npm run fuzz -- NAME [inputs [seed]]` feeds one with random inputs. */
import { type Program, runMenu, UsageError } from '../support/menu.js';
import type { FuzzTarget } from './fuzz.js';

/** A target as a program. */
function program({ name, about, inputs: usual, run }: FuzzTarget): Program {
  return {
    name,
    about: `${about} [inputs, default ${usual}] [seed, default 1]`,
    run: async (args) => {
      const inputs = whole(args[0], usual);
      const started = performance.now();
      const seconds = (): number => Number(((performance.now() - started) / 1000).toFixed(1));
      const progress = (done: number): void =>
        console.error(`${name}: ${done} of ${inputs} inputs, ${seconds()} s`);
      const figures = await run({ inputs, seed: whole(args[1], 1), progress });
      return { ...figures, seconds: seconds() };
    },
  };
}

function whole(text: string | undefined, fallback: number): number {
  const value = Number(text ?? fallback);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new UsageError(`'${text}' must be a whole number`);
}

const infrastructure = ['fuzz.js', 'main.js'];
await runMenu({ kind: 'fuzz', folder: import.meta.dirname, infrastructure, program }, process.argv.slice(2));
