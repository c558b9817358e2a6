import { z } from 'zod';
import { id } from './fields.js';

/** What every message begins with. The publisher adds it, and the moment of publishing, when it sends. */
export interface Envelope {
  /** Name and version of the message; readers ignore fields they do not know. */
  readonly schema: string;
  /** Changes with each start of the process. */
  readonly session: string;
  /** Counts the messages sent on this topic in this session, from 0, modulo 2^32. */
  readonly seq: number;
  readonly edge: string;
}

/** What the publisher knows when it sends. */
export interface Stamp extends Omit<Envelope, 'schema'> {
  readonly publish_us: number;
  readonly mono_us: number;
}

type Shape = z.core.$ZodLooseShape;

/** Schema of a message: the envelope and the given fields. */
export function message<const Name extends string, S extends Shape>(
  name: Name,
  description: string,
  fields: S,
) {
  const schema: `tactile.${Name}/1.0` = `tactile.${name}/1.0`;
  return z
    .object({
      schema: z.literal(schema).describe('Name and version of this message'),
      session: z
        .string()
        .regex(/^[0-9a-f]{8}$/)
        .describe('Changes with each start of the runtime'),
      seq: z.int().min(0).max(0xffffffff).describe('Counts the messages on this topic, modulo 2^32'),
      edge: id.describe('Name of the runtime'),
      ...fields,
    })
    .meta({ title: schema, description });
}

type AddedByPublisher = 'schema' | 'session' | 'seq' | 'edge' | 't';
type TimeOf<M> = M extends { readonly t: infer T } ? Omit<T, 'publish_us' | 'mono_us'> : never;

/** A message as its maker hands it to the publisher: without envelope and time of publishing. */
export type Body<M> = Omit<M, AddedByPublisher> &
  (keyof TimeOf<M> extends never ? { readonly t?: never } : { readonly t: TimeOf<M> });

/** Completes a body. */
export function stampBody(schema: string, body: object, { publish_us, mono_us, ...rest }: Stamp): object {
  const t = (body as { readonly t?: object }).t;
  return { schema, ...rest, ...body, t: { ...t, publish_us, mono_us } };
}
