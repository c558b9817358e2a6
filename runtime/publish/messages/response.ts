import { z } from 'zod';
import { type Body, message } from './envelope.js';
import { stampedTime } from './fields.js';

export const responseSchema = message('resp', 'The answer to a command. Every command is answered.', {
  command: z.string().max(256).describe('Name of the command'),
  transaction: z.string().max(128).optional().describe('What the request said there'),
  status: z.enum(['ok', 'error']),
  error: z
    .object({
      code: z.string().describe('For programs, e.g. unknown-command'),
      message: z.string().describe('For people: what is wrong'),
      remedy: z.string().optional().describe('For people: what to do'),
    })
    .optional(),
  data: z.unknown().optional().describe('What the command gives back'),
  t: stampedTime,
});

export type ResponseBody = Body<z.infer<typeof responseSchema>>;
