import { z } from 'zod';
import { type Body, message } from './envelope.js';
import { id, stampedTime } from './fields.js';

export const eventSchema = message('event', 'Something that has happened, once; what lasts is an alert.', {
  kind: id.describe('What has happened; also the last part of the topic'),
  pipeline: id.optional().describe('Pipeline that it has happened to'),
  sensor: id.optional().describe('Sensor that it has happened to'),
  message: z.string().max(4096).describe('The same in words, with what to do where something is to be done'),
  data: z.record(z.string(), z.unknown()).optional().describe('Details, by kind'),
  t: stampedTime,
});

export type EventBody = Body<z.infer<typeof eventSchema>>;
