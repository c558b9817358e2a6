/**
 * Programs of one kind in a folder, each a file that exports one, chosen by name on the command line: the benchmarks, the
 * studies.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Program {
  readonly name: string;
  /** One line for the list. */
  readonly about: string;
  /** Prints what it finds as it goes and resolves to the figures that the closing JSON line reports. */
  run(args: readonly string[]): Promise<Record<string, number>>;
}

export interface Menu<T = Program> {
  /** `bench`: what `npm run` calls it, what files export it as, and the key of the closing line. */
  readonly kind: string;
  /** Folder of the compiled files. */
  readonly folder: string;
  /** Files in the folder that are no programs. */
  readonly infrastructure: readonly string[];
  /** Makes a program of what a file exports; absent: it is one. */
  readonly program?: (exported: T) => Program;
  /** What `all` does with the names; absent: there is no `all`. */
  readonly all?: (names: readonly string[]) => void;
}

/** Words on the command line that a program can do nothing with. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Lists the programs, where there is no name or help is wanted, or runs the one that `args` names. The last line of a run
 * is JSON: `{kind: name, figures: {...}}`. Exit code 1: the program failed. 2: there is none of that name, or it takes other
 * words.
 */
export async function runMenu<T>(menu: Menu<T>, args: readonly string[]): Promise<void> {
  const { kind, folder, infrastructure, all } = menu;
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.js') && !infrastructure.includes(file))
    .map((file) => file.slice(0, -'.js'.length))
    .sort();
  const [name, ...rest] = args;
  try {
    if (name === undefined || args.some((word) => word === '--help' || word === '-h'))
      await list(menu, names);
    else if (name === 'all' && all !== undefined) all(names);
    else if (names.includes(name)) {
      const program = await load(menu, name);
      refuseExcess(program, rest);
      console.log(JSON.stringify({ [kind]: name, figures: await program.run(rest) }));
    } else throw new UsageError(`no ${kind} '${name}'; there are: ${names.join(', ')}`);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    console.error(isUsage ? error.message : error);
    process.exitCode = isUsage ? 2 : 1;
  }
}

async function list<T>(menu: Menu<T>, names: readonly string[]): Promise<void> {
  const { kind, all } = menu;
  console.log(
    `npm run ${kind} -- NAME [arguments]${all === undefined ? '' : `   or   npm run ${kind} -- all`}`,
  );
  for (const name of names) console.log(`  ${name.padEnd(13)} ${(await load(menu, name)).about}`);
}

/** Throws for options that the line about a program does not name in brackets, and for more words than it names. */
function refuseExcess({ name, about }: Program, args: readonly string[]): void {
  const named = [...about.matchAll(/\[(--\w+)?/g)].map(([, option]) => option);
  const unknown = args.find((word) => word.startsWith('--') && !named.includes(word));
  const most = named.reduce((sum, option) => sum + (option === undefined ? 1 : 2), 0);
  const excess = unknown ?? args[most];
  if (excess !== undefined) throw new UsageError(`${name} takes no '${excess}': ${about}`);
}

async function load<T>({ kind, folder, program }: Menu<T>, name: string): Promise<Program> {
  const module = (await import(pathToFileURL(join(folder, `${name}.js`)).href)) as Record<
    string,
    T | undefined
  >;
  const exported = module[kind];
  if (exported === undefined) throw new Error(`${join(folder, name)} exports no '${kind}'`);
  return program === undefined ? (exported as Program) : program(exported);
}
