import type { Reply, Request } from '../../runtime/inference/protocol.js';
import type { SpawnWorker, WorkerEvents } from '../../runtime/inference/worker-port.js';

/** Workers that do what the test says: it sees the requests and writes the replies. */
export class ScriptedWorkers {
  /** Requests to the latest worker, oldest first. */
  requests: Request[] = [];
  spawned = 0;
  terminated = 0;
  private events: WorkerEvents | undefined;

  readonly spawn: SpawnWorker = (events) => {
    this.spawned++;
    this.requests = [];
    this.events = events;
    return {
      post: (request) => {
        this.requests.push(request);
      },
      terminate: async () => {
        this.terminated++;
      },
    };
  };

  /** Answers the oldest open request of this kind, and lets whoever waits for it go on. */
  async reply(kind: Request['kind'], answer: { value: unknown } | { reason: string }): Promise<void> {
    const at = this.requests.findIndex((request) => request.kind === kind);
    const [request] = this.requests.splice(at, 1);
    if (at < 0 || request === undefined) throw new Error(`no ${kind} request is open`);
    const { ticket } = request;
    const reply = 'reason' in answer ? { ticket, ok: false, ...answer } : { ticket, ok: true, ...answer };
    this.events?.onReply(reply as Reply);
    await settled();
  }

  async crash(reason = 'out of luck'): Promise<void> {
    this.events?.onExit(reason);
    await settled();
  }

  /** Kinds of the open requests. */
  get open(): string[] {
    return this.requests.map(({ kind }) => kind);
  }
}

/** Resolves when all promises that can go on have gone on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
