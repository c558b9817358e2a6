/** Full garbage collections in all threads of this process, asked for through the inspector: no flag, no call in the program. */
import { type InspectorNotification, type NodeWorker, Session } from 'node:inspector';

const collect = 'HeapProfiler.collectGarbage';

type Attached = InspectorNotification<NodeWorker.AttachedToWorkerEventDataType>;
type Detached = InspectorNotification<NodeWorker.DetachedFromWorkerEventDataType>;
type Received = InspectorNotification<NodeWorker.ReceivedMessageFromWorkerEventDataType>;

export class GarbageCollector {
  readonly #session = new Session();
  /** Inspector sessions of the worker threads. */
  readonly #workers = new Set<string>();
  readonly #open = new Map<string, () => void>();

  constructor() {
    this.#session.connect();
    this.#session.on('NodeWorker.attachedToWorker', ({ params }: Attached) =>
      this.#workers.add(params.sessionId),
    );
    this.#session.on('NodeWorker.detachedFromWorker', ({ params }: Detached) => {
      this.#workers.delete(params.sessionId);
      this.#settle(params.sessionId);
    });
    this.#session.on('NodeWorker.receivedMessageFromWorker', ({ params }: Received) =>
      this.#settle(params.sessionId),
    );
    this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  }

  close(): void {
    this.#session.disconnect();
  }

  /** Resolves when all threads have collected. */
  async collect(): Promise<void> {
    await Promise.all([...this.#workers].map((sessionId) => this.#collectAt(sessionId)));
    await new Promise<void>((resolve) => this.#session.post(collect, () => resolve()));
  }

  #collectAt(sessionId: string): Promise<void> {
    return new Promise((resolve) => {
      this.#open.set(sessionId, resolve);
      const message = JSON.stringify({ id: 1, method: collect });
      this.#session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
    });
  }

  #settle(sessionId: string): void {
    this.#open.get(sessionId)?.();
    this.#open.delete(sessionId);
  }
}
