import { CommandError } from '../../publish/index.js';

/** The thing of that name. Throws an `unknown-<what>` that lists those that there are. */
export function known<T>(things: ReadonlyMap<string, T>, what: string, name: string): T {
  const thing = things.get(name);
  if (thing !== undefined) return thing;
  const names = [...things.keys()].join(', ');
  throw new CommandError(
    `unknown-${what}`,
    `there is no ${what} '${name}'`,
    names === '' ? 'there is none at all' : `there are: ${names}`,
  );
}
