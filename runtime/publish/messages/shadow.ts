import { z } from 'zod';
import { type Body, message } from './envelope.js';
import { id, modelName, stampedTime, top, unit } from './fields.js';

export const shadowSchema = message(
  'shadow',
  'What a model on trial says of a whole window. Not for control: result and decision come from the active model.',
  {
    pipeline: id.describe('Pipeline whose windows it sees'),
    window: z.int().min(0).describe('Number of the window, as in the result of the active model'),
    ...top,
    scores: z.record(z.string(), unit).describe('Score of each class'),
    model: modelName,
    t: stampedTime,
  },
);

export type ShadowBody = Body<z.infer<typeof shadowSchema>>;
