/** What is known of a command beside what it does: for its answers, for `help` and for `info`. */
import { z } from 'zod';
import { faultsOf } from '../config/index.js';
import { CommandError } from './command-error.js';

/** Carries a command out and gives back the `data` of the answer; throws `CommandError` to refuse. */
export type CommandHandler<B = Readonly<Record<string, unknown>>> = (request: {
  readonly command: string;
  readonly body: B;
}) => unknown;

export interface CommandSpec<S extends z.ZodType = z.ZodType> {
  /** What it does, in a line. */
  readonly about: string;
  /** A strict object of what stands in its payload, each key described. */
  readonly body: S;
  /** Time that it may take until its answer, in milliseconds; the usual one when left out. */
  readonly limitMs?: number;
}

/** A command with all that belongs to it. */
export interface Command<S extends z.ZodType = z.ZodType> extends CommandSpec<S> {
  readonly name: string;
  readonly run: (body: z.output<S>) => unknown;
}

/** For tables of commands: gives each handler the type of its body. */
export function command<S extends z.ZodType>(definition: Command<S>): Command {
  return definition as unknown as Command;
}

/** The body as the command wants it. Throws a `bad-body` that names each key that is wrong, and those that there are. */
export function checkBody(spec: CommandSpec, body: unknown): Readonly<Record<string, unknown>> {
  const { data, faults } = faultsOf(spec.body, body);
  if (faults.length === 0) return data as Record<string, unknown>;
  const known = keysOf(spec).map(([key]) => key);
  throw new CommandError(
    'bad-body',
    faults.join('; '),
    known.length === 0 ? 'it takes no keys: send an empty payload' : `known keys: ${known.join(', ')}`,
  );
}

/** What `help` answers: each command with its keys, and what they say of themselves. */
export const commandListSchema = z.object({
  commands: z.array(
    z.object({ name: z.string(), about: z.string(), keys: z.record(z.string(), z.string()) }),
  ),
});
export type CommandList = z.output<typeof commandListSchema>;

interface Property {
  readonly description?: string;
}

/** Keys of the body, each with what it says of itself. */
export function keysOf({ body }: Pick<CommandSpec, 'body'>): [key: string, about: string][] {
  const { properties = {}, required = [] } = z.toJSONSchema(body, { io: 'input' }) as {
    properties?: Record<string, Property>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([key, { description = '' }]) => [
    key,
    `${description}${required.includes(key) ? '' : ' (optional)'}`,
  ]);
}
