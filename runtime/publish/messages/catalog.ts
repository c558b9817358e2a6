import type { z } from 'zod';
import type { Topics } from '../topics.js';
import { type DecisionBody, decisionSchema, type StateBody, stateSchema } from './decision.js';
import { type EventBody, eventSchema } from './event.js';
import { type AlertBody, alertSchema, type HealthBody, healthSchema } from './health.js';
import { type HeartbeatBody, heartbeatSchema } from './heartbeat.js';
import { type InfoBody, infoSchema, type ModelBody, modelSchema } from './info.js';
import { responseSchema } from './response.js';
import { type ResultBody, resultSchema } from './result.js';
import { type ShadowBody, shadowSchema } from './shadow.js';
import { type SensorStatusBody, type StatusBody, sensorStatusSchema, statusSchema } from './status.js';

/** The bodies that can be published, by kind. Answers to commands are no kind of their own: see `RESPONSE`. */
export interface Bodies {
  readonly status: StatusBody;
  readonly info: InfoBody;
  readonly 'sensor-status': SensorStatusBody;
  readonly result: ResultBody;
  readonly decision: DecisionBody;
  readonly state: StateBody;
  readonly heartbeat: HeartbeatBody;
  readonly model: ModelBody;
  readonly health: HealthBody;
  readonly alert: AlertBody;
  readonly event: EventBody;
  readonly shadow: ShadowBody;
}

export type Kind = keyof Bodies;

/** How messages of a kind travel. */
export interface Delivery {
  /** `schema` field of the message. */
  readonly schema: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** Worthless after so many seconds; under MQTT 5 the broker drops it then. */
  readonly expiryS?: number;
  /**
   * What happens while there is no broker.
   *   drop    gone, and counted
   *   fresh   kept until it expires, and then sent in order
   *   latest  the newest one of each topic is kept and published at every connect
   */
  readonly offline: 'drop' | 'fresh' | 'latest';
}

export const DELIVERY: { readonly [K in Kind]: Delivery } = {
  status: { schema: 'tactile.status/1.0', qos: 1, retain: true, offline: 'latest' },
  info: { schema: 'tactile.info/1.0', qos: 1, retain: true, offline: 'latest' },
  'sensor-status': { schema: 'tactile.sensor-status/1.0', qos: 1, retain: true, offline: 'latest' },
  result: { schema: 'tactile.result/1.0', qos: 0, retain: false, expiryS: 1, offline: 'drop' },
  decision: { schema: 'tactile.decision/1.0', qos: 1, retain: false, expiryS: 2, offline: 'fresh' },
  state: { schema: 'tactile.state/1.0', qos: 1, retain: true, expiryS: 10, offline: 'latest' },
  heartbeat: { schema: 'tactile.heartbeat/1.0', qos: 0, retain: false, expiryS: 1, offline: 'drop' },
  model: { schema: 'tactile.model/1.0', qos: 1, retain: true, offline: 'latest' },
  health: { schema: 'tactile.health/1.0', qos: 0, retain: false, expiryS: 30, offline: 'drop' },
  alert: { schema: 'tactile.alert/1.0', qos: 1, retain: true, offline: 'latest' },
  event: { schema: 'tactile.event/1.0', qos: 1, retain: false, expiryS: 60, offline: 'fresh' },
  shadow: { schema: 'tactile.shadow/1.0', qos: 0, retain: false, expiryS: 1, offline: 'drop' },
};

/** Answers to commands: not retained, worthless to a requester who has given up. */
export const RESPONSE: Delivery = {
  schema: 'tactile.resp/1.0',
  qos: 1,
  retain: false,
  expiryS: 10,
  offline: 'fresh',
};

/** Where a body goes. Throws RangeError when a name in it cannot be part of a topic. */
export const TOPIC: { readonly [K in Kind]: (topics: Topics, body: Bodies[K]) => string } = {
  status: (topics) => topics.status,
  info: (topics) => topics.info,
  'sensor-status': (topics, { sensor }) => topics.sensor(sensor, 'status'),
  result: (topics, { pipeline }) => topics.pipeline(pipeline, 'result'),
  decision: (topics, { pipeline }) => topics.pipeline(pipeline, 'decision'),
  state: (topics, { pipeline }) => topics.pipeline(pipeline, 'state'),
  heartbeat: (topics, { pipeline }) => topics.pipeline(pipeline, 'heartbeat'),
  model: (topics, { pipeline }) => topics.pipeline(pipeline, 'model'),
  health: (topics) => topics.health,
  alert: (topics, { id }) => topics.alert(id),
  event: (topics, { kind }) => topics.event(kind),
  shadow: (topics, { pipeline }) => topics.pipeline(pipeline, 'shadow'),
};

/** Schema of each message, by the name of its file in runtime/schemas. */
export const MESSAGE_SCHEMAS: Readonly<Record<Kind | 'resp', z.ZodType>> = {
  status: statusSchema,
  info: infoSchema,
  'sensor-status': sensorStatusSchema,
  result: resultSchema,
  decision: decisionSchema,
  state: stateSchema,
  heartbeat: heartbeatSchema,
  model: modelSchema,
  health: healthSchema,
  alert: alertSchema,
  event: eventSchema,
  shadow: shadowSchema,
  resp: responseSchema,
};
