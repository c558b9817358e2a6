import type { ServedModel } from './messages.js';

/** Workers that are known at a time; more are not listened to. */
export const MAX_WORKERS = 256;

/** Which workers there are, and what they serve. */
export class Roster {
  private readonly workers = new Map<string, readonly ServedModel[]>();

  /** A worker says what it serves. Returns false, and does nothing, when there are too many. */
  set(worker: string, models: readonly ServedModel[]): boolean {
    if (!this.workers.has(worker) && this.workers.size >= MAX_WORKERS) return false;
    this.workers.set(worker, models);
    return true;
  }

  /** A worker has gone; returns whether it was there. */
  delete(worker: string): boolean {
    return this.workers.delete(worker);
  }

  clear(): void {
    this.workers.clear();
  }

  get size(): number {
    return this.workers.size;
  }

  /** The model as this worker has it, or, without a name, as the first that has it. */
  find(sha256: string, worker?: string): ServedModel | undefined {
    const lists = worker === undefined ? [...this.workers.values()] : [this.workers.get(worker) ?? []];
    return lists.flat().find((model) => model.sha256 === sha256);
  }
}
