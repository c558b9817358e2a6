import { z } from 'zod';
import { live, restart } from './annotate.js';

const folder = z.string().min(1).max(4096);
const host = z
  .string()
  .regex(/^[A-Za-z0-9.-]{1,253}$/, 'must be the name of a host, without https:// and port');

/** Models that can be changed while the edge runs. */
export const modelsSchema = z.strictObject({
  store: folder
    .optional()
    .meta(restart('Folder of the model store; without it models change only with the configuration')),
  requireSignature: z
    .boolean()
    .default(false)
    .meta(restart('Refuse models that none of the keys has signed')),
  keys: z
    .array(folder)
    .max(64)
    .default([])
    .meta(restart('Files of the public keys (.pub) that models may be signed with')),
  incoming: folder
    .optional()
    .meta(restart('Folder that is watched: model files that appear there are staged, never activated')),
  maxMb: z
    .number()
    .min(0.001)
    .max(512)
    .default(64)
    .meta(restart('Largest model file that is taken in', 'MB')),
  httpsHosts: z
    .array(host)
    .max(64)
    .default([])
    .meta(restart('Hosts that models may be fetched from by https; without any that is not done')),
  httpsCaFile: folder
    .optional()
    .meta(restart('PEM file of the CA of these hosts, where it is none of the well-known ones')),
  loadLimitS: z
    .number()
    .min(0.1)
    .max(600)
    .default(60)
    .meta(live('A model that takes longer to be loaded and to prove itself is refused', 's')),
  maxWindowMs: z
    .number()
    .min(0.1)
    .max(60_000)
    .default(100)
    .meta(live('A model that takes longer for a window is refused, or taken back on probation', 'ms')),
  holdS: z
    .number()
    .min(0)
    .max(86_400)
    .default(60)
    .meta(live('The model before is kept loaded for so long, for a roll-back without loading', 's')),
  probationS: z
    .number()
    .min(0)
    .max(86_400)
    .default(10)
    .meta(
      live('A model that has taken over is watched for so long before it is written down as active', 's'),
    ),
});
