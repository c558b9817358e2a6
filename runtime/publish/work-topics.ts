import { ID_RULE, isId } from '../id.js';
import { TREE_VERSION } from './topics.js';

/** Stands in the place of an edge in topics of work, so no edge has this name. */
export const WORK_BRANCH = 'work';

/**
 * Topics by which windows go to workers and answers come back, below `<base>/v1`. Models are named by the first 16 digits
 * of their digest. Throws RangeError for a name that cannot be part of a topic.
 */
export class WorkTopics {
  readonly #tree: string;

  constructor(base: string) {
    for (const part of base.split('/')) checkId('part of the base topic', part);
    this.#tree = `${base}/${TREE_VERSION}`;
  }

  /** Windows for a model. */
  window(model: string): string {
    return `${this.#tree}/${WORK_BRANCH}/${checkId('model', model)}/window`;
  }

  /** The same as a subscription that a group of workers shares: each window goes to one of them. */
  sharedWindows(group: string, model: string): string {
    return `$share/${checkId('group', group)}/${this.window(model)}`;
  }

  /** The model that a topic has windows for; undefined for other topics. */
  modelOf(topic: string): string | undefined {
    const [branch, model, leaf, ...more] = this.#below(topic);
    return branch === WORK_BRANCH && leaf === 'window' && more.length === 0 ? model : undefined;
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

  /** Whether answers may go to this topic, and not to whatever a window asks for. */
  allowsAnswer(topic: string): boolean {
    const [edge, branch, leaf, ...more] = this.#below(topic);
    const isAnswer = branch === WORK_BRANCH && leaf === 'answer' && more.length === 0;
    return isAnswer && edge !== undefined && edge !== WORK_BRANCH && isId(edge);
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
