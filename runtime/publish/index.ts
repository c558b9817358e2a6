export type { Ended, ProtocolVersion, ReconnectPolicy } from './attempts.js';
export type { Holder } from './claim.js';
export { CommandError, type Told } from './command-error.js';
export {
  type Command,
  type CommandHandler,
  type CommandList,
  type CommandSpec,
  command,
  commandListSchema,
} from './command-spec.js';
export type { PublishCounters } from './counters.js';
export type { IncomingMessage, LinkTarget, OpenLink, OutgoingMessage } from './link.js';
export { type Bodies, DELIVERY, type Delivery, type Kind, MESSAGE_SCHEMAS } from './messages/catalog.js';
export {
  type Decision,
  type DecisionBody,
  type DecisionContext,
  decisionBody,
  type StateBody,
} from './messages/decision.js';
export type { EventBody } from './messages/event.js';
export { microjoules } from './messages/fields.js';
export type { AlertBody, HealthBody } from './messages/health.js';
export type { HeartbeatBody } from './messages/heartbeat.js';
export type { InfoBody, ModelBody } from './messages/info.js';
export type { ResponseBody } from './messages/response.js';
export {
  type Answer,
  type Result,
  type ResultBody,
  type ResultOptions,
  resultBody,
} from './messages/result.js';
export type { EdgeState, SensorState, SensorStatusBody, StatusBody } from './messages/status.js';
export { Publisher, type PublisherOptions } from './publisher.js';
export { type Reached, reachBroker } from './reach.js';
export { RequestError, Requester, type RequesterOptions, type RequestTarget, request } from './request.js';
export { messageJsonSchemas } from './schemas.js';
export { isExposed, publishTarget } from './target.js';
export type { UniqueOptions } from './tenure.js';
export { Topics } from './topics.js';
export { WorkLink, type WorkLinkOptions } from './work-link.js';
export { WORK_BRANCH, WorkTopics } from './work-topics.js';
