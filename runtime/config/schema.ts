import { z } from 'zod';
import { ID_PATTERN, ID_RULE } from '../id.js';
import { live, restart } from './annotate.js';
import { modelsSchema } from './models-schema.js';
import { pipelineSchema } from './pipeline-schema.js';
import { sensorSchema } from './sensor-schema.js';

/** Version of the layout of the file; what has changed since the first one is in migrations.ts. */
export const CONFIG_VERSION = 2;
/** Bound on the sensors and on the pipelines of one edge. */
export const MAX_NAMED = 64;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const port = z.int().min(1).max(65535);
const filePath = z.string().min(1).max(4096);

const edge = z.strictObject({
  id: z
    .string()
    .regex(ID_PATTERN, ID_RULE)
    .default('edge')
    .meta(restart('Name of this runtime in every topic; unique on its broker')),
});

const mqtt = z.strictObject({
  url: z
    .string()
    .regex(
      /^(embedded|(mqtt|mqtts|ws|wss):\/\/[^\s@/?#]+(\/[^\s@?#]*)?)$/,
      "must be 'embedded' or mqtt://, mqtts://, ws:// or wss:// with host and port, without user or password (they have their own keys)",
    )
    .default('embedded')
    .meta(restart('Broker: embedded runs one in this process')),
  username: z.string().min(1).max(1024).optional().meta(restart('User at the broker')),
  passwordFile: filePath
    .optional()
    .meta(restart('File that holds the password; or set the environment variable WHORL_MQTT_PASSWORD')),
  caFile: filePath.optional().meta(restart('PEM file of the CA that signed the certificate of the broker')),
  certFile: filePath.optional().meta(restart('PEM file of our certificate, where the broker asks for one')),
  keyFile: filePath.optional().meta(restart('PEM file of the key of our certificate')),
  rejectUnauthorized: z
    .boolean()
    .default(true)
    .meta(restart('Refuse a broker whose certificate cannot be verified')),
  version: z
    .literal(['auto', 4, 5])
    .default('auto')
    .meta(restart('Protocol: 5, 4 (MQTT 3.1.1), or auto: 5 and, when refused, 4')),
  baseTopic: z
    .string()
    .max(256)
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/,
      'must be names of letters, digits, dots, underscores or hyphens, joined by single slashes',
    )
    .default('tactile')
    .meta(restart('First part of every topic')),
  keepaliveS: z
    .int()
    .min(1)
    .max(600)
    .default(10)
    .meta(
      restart('A silent connection is tested so often; the broker gives us up after 1.5 times this', 's'),
    ),
  reconnect: z
    .strictObject({
      minMs: z.int().min(10).max(60_000).default(100).meta(restart('First pause before trying again', 'ms')),
      maxMs: z
        .int()
        .min(10)
        .max(600_000)
        .default(1500)
        .meta(restart('Longest pause: each is twice the one before, less up to a half by chance', 'ms')),
    })
    .prefault({})
    .meta({ description: 'Pauses between attempts to reach the broker' }),
});

const broker = z.strictObject({
  host: z
    .string()
    .min(1)
    .max(253)
    .default('127.0.0.1')
    .meta(restart('Address the embedded broker listens on')),
  port: port.default(1883).meta(restart('TCP port of the embedded broker')),
  allowRemote: z
    .boolean()
    .default(false)
    .meta(
      restart('Allow an address beyond loopback; the embedded broker has no passwords and no encryption'),
    ),
});

const log = z.strictObject({
  level: z.enum(LOG_LEVELS).default('info').meta(live('Least severe level that is written')),
  format: z
    .enum(['auto', 'json', 'pretty'])
    .default('auto')
    .meta(restart('json: one object a line; pretty: for people; auto: pretty on a terminal')),
  to: z.enum(['stderr', 'stdout']).default('stderr').meta(restart('Where log lines go')),
});

const publish = z.strictObject({
  minScore: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .meta(live('Classes below this score are left out of a result, the best one never', '1')),
  compact: z.boolean().default(false).meta(live('Leave the scores out of results')),
  spikes: z
    .boolean()
    .default(false)
    .meta(live('Add spikes and synaptic operations to the result of each whole window')),
  energy: z
    .boolean()
    .default(false)
    .meta(live('Add the estimated energy to the result of each whole window')),
});

const operationPj = z.number().min(0.001).max(1_000_000);

const energy = z.strictObject({
  macPj: operationPj
    .default(4.6)
    .meta(restart('A multiply-accumulate; default: 45 nm, 32-bit float (Horowitz, ISSCC 2014)', 'pJ')),
  acPj: operationPj.default(0.9).meta(restart('An accumulate; default: of the same source', 'pJ')),
});

const inference = z.strictObject({
  workers: z
    .int()
    .min(1)
    .max(64)
    .default(1)
    .meta(restart('Threads that run the models; each pipeline stays at one of them', 'threads')),
});

const scale = z.strictObject({
  retryMs: z
    .int()
    .min(20)
    .max(600_000)
    .default(500)
    .meta(restart('A gateway sends a window again that no worker has answered for so long ...', 'ms')),
  attempts: z
    .int()
    .min(1)
    .max(100)
    .default(3)
    .meta(restart('... and gives it up after so many times', 'times')),
  inFlight: z
    .int()
    .min(1)
    .max(256)
    .default(4)
    .meta(restart('Windows of a pipeline that may be with workers at a time', 'windows')),
  group: z
    .string()
    .regex(ID_PATTERN, ID_RULE)
    .default('whorl-workers')
    .meta(restart('Workers of one group share the windows; each group gets all of them')),
});

const record = z.strictObject({
  folder: filePath
    .optional()
    .meta(restart('Folder of the recordings, one folder a sensor in it; without it nothing is recorded')),
  onStart: z
    .boolean()
    .default(true)
    .meta(restart('Record from the start on; else from the command record-start on')),
  maxMb: z
    .number()
    .min(0.01)
    .max(100_000)
    .default(64)
    .meta(restart('A file is closed and the next begun at this size', 'MB')),
  files: z
    .int()
    .min(1)
    .max(100_000)
    .default(16)
    .meta(restart('Files a sensor; one more deletes the oldest', 'files')),
});

const commands = z.strictObject({
  shutdown: z.boolean().default(false).meta(restart('Let the command shutdown end this runtime')),
});

const health = z.strictObject({
  intervalS: z
    .int()
    .min(1)
    .max(600)
    .default(10)
    .meta(restart('A health message so often, and within a second of a change', 's')),
  heartbeatMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(100)
    .meta(
      restart(
        'Each pipeline that runs is heard of so often, by a result or a heartbeat; 0: no heartbeats',
        'ms',
      ),
    ),
});

const metrics = z.strictObject({
  enabled: z.boolean().default(false).meta(restart('Serve GET /metrics for Prometheus')),
  host: z.string().min(1).max(253).default('127.0.0.1').meta(restart('Address to listen on')),
  port: port.default(9464).meta(restart('TCP port to listen on')),
  allowRemote: z
    .boolean()
    .default(false)
    .meta(restart('Allow an address beyond loopback; there is no password and no encryption')),
});

/** Bounds on the names, for editors; here cross-check.ts looks at them, so that all other errors are told as well. */
const names = { maxProperties: MAX_NAMED, propertyNames: { type: 'string', pattern: ID_PATTERN.source } };

/** The configuration file. Strict: an unknown key is an error. */
export const configSchema = z
  .strictObject({
    configVersion: z
      .literal(CONFIG_VERSION, `must be ${CONFIG_VERSION} or less`)
      .default(CONFIG_VERSION)
      .meta(restart('Version of the layout of this file')),
    edge: edge.prefault({}).meta({ description: 'This runtime' }),
    mqtt: mqtt.prefault({}).meta({ description: 'The broker that results go to' }),
    broker: broker.prefault({}).meta({ description: 'The embedded broker, used when mqtt.url is embedded' }),
    log: log.prefault({}).meta({ description: 'Logging' }),
    publish: publish.prefault({}).meta({ description: 'What is published' }),
    energy: energy.prefault({}).meta({ description: 'What an operation takes, for estimates of energy' }),
    inference: inference.prefault({}).meta({ description: 'How models are run' }),
    scale: scale
      .prefault({})
      .meta({ description: 'Windows for workers elsewhere (whorl gateway, whorl worker)' }),
    models: modelsSchema.prefault({}).meta({ description: 'Models that change while the edge runs' }),
    record: record.prefault({}).meta({ description: 'Recording of the raw bytes of the sensors' }),
    commands: commands.prefault({}).meta({ description: 'What may be commanded over MQTT' }),
    health: health.prefault({}).meta({ description: 'Health messages' }),
    metrics: metrics.prefault({}).meta({ description: 'Figures for Prometheus' }),
    sensors: z
      .record(z.string(), sensorSchema)
      .default({})
      .meta({ ...restart('Sensors by name'), ...names }),
    pipelines: z
      .record(z.string(), pipelineSchema)
      .default({})
      .meta({ ...restart('Pipelines by name: sensors -> windows -> model -> results'), ...names }),
  })
  .meta({ title: 'whorl configuration' });

export type Config = z.output<typeof configSchema>;
export type MqttConfig = Config['mqtt'];
export type BrokerConfig = Config['broker'];
export type MetricsConfig = Config['metrics'];
export type ModelsConfig = Config['models'];
export type RecordConfig = Config['record'];
export type LogConfig = Config['log'];
export type SensorConfig = Config['sensors'][string];
export type DriverConfig = NonNullable<SensorConfig['driver']>;
export type TransportConfig = SensorConfig['transport'];
export type PipelineConfig = Config['pipelines'][string];
export type WindowConfig = PipelineConfig['window'];
