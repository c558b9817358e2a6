import { ID_RULE, isId } from '../id.js';
import { TREE_VERSION } from './topics.js';

/** Stands in the place of an edge in topics of work, so no edge has this name. */
export const WORK_BRANCH = 'work';

/** Whose window it is, and for which model. */
export interface WindowAddress {
  readonly edge: string;
  readonly model: string;
}

/**
 * Topics by which windows go to workers and answers come back, below `<base>/v1`. Windows and answers are in the tree of
 * their edge, so who may write there is who may ask. Models are named by the first 16 digits of their digest. Throws
 * RangeError for a name that cannot be part of a topic.
 */
export class WorkTopics {
  readonly #tree: string;

  constructor(base: string) {
    for (const part of base.split('/')) checkId('part of the base topic', part);
    this.#tree = `${base}/${TREE_VERSION}`;
  }

  /** Windows of an edge for a model. */
  window({ edge, model }: WindowAddress): string {
    return `${this.#tree}/${checkId('edge', edge)}/${WORK_BRANCH}/${checkId('model', model)}/window`;
  }

  /** Windows of all edges for a model, as a subscription that a group of workers shares: each goes to one of them. */
  sharedWindows(group: string, model: string): string {
    const filter = `${this.#tree}/+/${WORK_BRANCH}/${checkId('model', model)}/window`;
    return `$share/${checkId('group', group)}/${filter}`;
  }

  /** What a topic has windows of; undefined for other topics. */
  addressOf(topic: string): WindowAddress | undefined {
    const [edge, branch, model, leaf, ...more] = this.#below(topic);
    const isWindow = branch === WORK_BRANCH && leaf === 'window' && more.length === 0;
    return isWindow && edge !== undefined && isId(edge) && model !== undefined && isId(model)
      ? { edge, model }
      : undefined;
  }

  /** What a worker says of itself, retained while it is there. */
  worker(id: string): string {
    return `${this.#tree}/${WORK_BRANCH}/worker/${checkId('worker', id)}`;
  }

  /** The same of all workers, as a filter. */
  get workers(): string {
    return `${this.#tree}/${WORK_BRANCH}/worker/+`;
  }

  /** The worker that a topic is of; undefined for other topics. */
  workerOf(topic: string): string | undefined {
    const [branch, leaf, worker, ...more] = this.#below(topic);
    const isOne = branch === WORK_BRANCH && leaf === 'worker' && more.length === 0;
    return isOne && worker !== undefined && isId(worker) ? worker : undefined;
  }

  /** Answers for an edge. */
  answers(edge: string): string {
    return `${this.#tree}/${checkId('edge', edge)}/${WORK_BRANCH}/answer`;
  }

  /** Parts of a topic behind `<base>/v1/`. */
  #below(topic: string): string[] {
    return topic.startsWith(`${this.#tree}/`) ? topic.slice(this.#tree.length + 1).split('/') : [];
  }
}

function checkId(what: string, id: string): string {
  if (!isId(id)) throw new RangeError(`${what} '${id}' ${ID_RULE}`);
  return id;
}
