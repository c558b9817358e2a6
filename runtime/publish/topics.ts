import { ID_RULE, isId } from '../id.js';

/** The layout of the topic tree; a change that readers would not survive gets a new one. */
export const TREE_VERSION = 'v1';

/**
 * All topics of one edge: `<base>/v1/<edge>/...`. Every name is checked, because a `+`, `#` or `/` in it would publish
 * somewhere else. Throws RangeError for a name that cannot be part of a topic.
 */
export class Topics {
  /** `<base>/v1/<edge>` */
  readonly root: string;
  /** Answers may go below these, and nowhere else. */
  readonly replyPrefixes: readonly string[];

  constructor(base: string, edge: string) {
    for (const part of base.split('/')) checkId('part of the base topic', part);
    this.root = `${base}/${TREE_VERSION}/${checkId('edge', edge)}`;
    this.replyPrefixes = [`${this.root}/resp/`, `${base}/reply/`];
  }

  get status(): string {
    return `${this.root}/status`;
  }

  get info(): string {
    return `${this.root}/info`;
  }

  get health(): string {
    return `${this.root}/health`;
  }

  /** Of a standing fault: a rule, or a rule and the name that it is about, joined by a dot. */
  alert(id: string): string {
    const dot = id.indexOf('.');
    const parts = dot < 0 ? [id] : [id.slice(0, dot), id.slice(dot + 1)];
    for (const part of parts) checkId('alert', part);
    return `${this.root}/alert/${id}`;
  }

  /** Of what has happened. */
  event(kind: string): string {
    return `${this.root}/event/${checkId('event', kind)}`;
  }

  sensor(sensor: string, leaf: 'status'): string {
    return `${this.root}/sensor/${checkId('sensor', sensor)}/${leaf}`;
  }

  pipeline(
    pipeline: string,
    leaf: 'result' | 'decision' | 'state' | 'heartbeat' | 'model' | 'shadow',
  ): string {
    return `${this.root}/pipeline/${checkId('pipeline', pipeline)}/${leaf}`;
  }

  /** What the runtime subscribes to, and all that it subscribes to. */
  get commands(): string {
    return `${this.root}/cmd/#`;
  }

  /** Name of the command that a topic is for: what stands behind `cmd/`; undefined for other topics. */
  commandName(topic: string): string | undefined {
    const prefix = `${this.root}/cmd/`;
    return topic.startsWith(prefix) ? topic.slice(prefix.length) : undefined;
  }

  /** Where the answer to a command goes when the request names no place for it. */
  response(command: string): string {
    return `${this.root}/resp/${checkId('command', command)}`;
  }

  /** Whether a request may have its answer sent to this topic. */
  allowsReply(topic: string): boolean {
    const prefix = this.replyPrefixes.find((candidate) => topic.startsWith(candidate));
    return prefix !== undefined && topic.length <= 512 && topic.slice(prefix.length).split('/').every(isId);
  }
}

/** Whether a topic is for a command, of whatever base and edge. */
export function isCommandTopic(topic: string): boolean {
  return commandTopic.test(topic);
}

const commandTopic = new RegExp(`/${TREE_VERSION}/[^/]+/cmd/`);

function checkId(what: string, id: string): string {
  if (!isId(id)) throw new RangeError(`${what} '${id}' ${ID_RULE}`);
  return id;
}
