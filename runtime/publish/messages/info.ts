import { z } from 'zod';
import { type Body, message } from './envelope.js';
import { energy, id, label, stampedTime, unit, us } from './fields.js';

export const infoSchema = message('info', 'What this runtime is and runs. Holds no secrets.', {
  versions: z
    .object({ whorl: z.string(), node: z.string() })
    .catchall(z.string())
    .describe('Versions of the parts'),
  host: z
    .object({ platform: z.string(), arch: z.string(), boot_id: z.string() })
    .describe('The machine; boot_id changes when it starts anew'),
  started_us: us.describe('Start of the process, Unix time'),
  config_hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 of the configuration in force'),
  backend: z.enum(['cpu', 'gpu']).describe('What computes the networks'),
  sensors: z
    .array(
      z.object({
        name: id,
        transport: z.string(),
        codec: z.string(),
        geometry: z.string(),
        taxels: z.int().min(1).optional(),
      }),
    )
    .describe('Sensors as configured'),
  pipelines: z
    .array(
      z.object({
        name: id,
        sensors: z.array(id),
        window: z.string(),
        engine: z.string().describe('As configured'),
        running: z.string().optional().describe('Engine and mode that run the model'),
        engines: z
          .array(z.string())
          .optional()
          .describe('What engine: auto measured: engine, mode, and ms a window or why not; the best first'),
      }),
    )
    .describe('Pipelines as configured'),
  commands: z
    .array(z.object({ name: id, about: z.string() }))
    .optional()
    .describe('What can be commanded; help tells more'),
  schemas: z.array(z.string()).describe('Messages that this runtime sends'),
  t: stampedTime,
});

export type InfoBody = Body<z.infer<typeof infoSchema>>;

const model = z
  .object({
    id: id.describe('Name of the model'),
    version: z.string().min(1).max(64),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    backend: z.enum(['cpu', 'gpu']),
    labels: z.array(label).min(1).max(1024).describe('Class names; their index is label_id'),
    input: z
      .object({
        taxels: z.int().min(1),
        channels: z.int().min(1),
        bins: z.int().min(1),
        bin_us: z.number().positive().describe('Length of a bin in microseconds'),
      })
      .describe('The window that the network looks at'),
    parameters: z.int().min(1).describe('Weights and biases'),
    equal_shape: z
      .object({
        multiply_accumulates: z.int().min(1),
        uj_est: energy.describe('Estimated energy in uJ'),
      })
      .describe(
        'What a window costs a network of equal shape without spikes; to set beside energy of a result',
      ),
    min_confidence: unit.describe('Below it a result is not decided'),
    calibrated: z.boolean().describe('Whether scores can be read as probabilities'),
    since_us: us.describe('In this role since, Unix time'),
  })
  .nullable();

export const modelSchema = message('model', 'The models of a pipeline and their roles; null: none.', {
  pipeline: id.describe('Pipeline that they serve'),
  active: model.describe('Answers on result and decision'),
  previous: model.describe('Kept for a roll-back'),
  candidate: model.describe(
    'The active model while it is on probation: not written down yet, taken back when it does badly',
  ),
  shadow: model.describe('Runs along, never answers on result'),
  t: stampedTime,
});

export type ModelBody = Body<z.infer<typeof modelSchema>>;
