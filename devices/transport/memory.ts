import { type Clock, systemClock } from '../clock.js';
import { Lifecycle } from './lifecycle.js';
import { type Transport, TransportError, type TransportListener } from './transport.js';

/** Bytes on their way to one end from which on writers wait. */
const highWater = 256 * 1024;

export interface MemoryPairOptions {
  readonly name?: string;
  readonly clock?: Clock;
}

/**
 * Two transports that are each other's far end, inside this process. Bytes are delivered in a later turn of the event
 * loop; what was written before a close still arrives. An end that nobody opens keeps its writers waiting.
 */
export function memoryPair(options: MemoryPairOptions = {}): [Transport, Transport] {
  const name = `memory:${options.name ?? 'pair'}`;
  const clock = options.clock ?? systemClock;
  const here = new MemoryEnd(name, clock);
  const there = new MemoryEnd(name, clock);
  here.peer = there;
  there.peer = here;
  return [here, there];
}

class MemoryEnd implements Transport {
  peer!: MemoryEnd;
  private readonly life = new Lifecycle();
  private readonly inbox: Uint8Array[] = [];
  private inboxBytes = 0;
  private paused = false;
  private peerGone = false;
  private scheduled = false;
  /** Called when the inbox has been emptied. */
  private drained: (() => void)[] = [];

  constructor(
    readonly name: string,
    private readonly clock: Clock,
  ) {}

  async open(listener: TransportListener): Promise<void> {
    this.life.begin(listener);
    this.life.opened();
    this.schedule();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.life.untilTaken((taken) => this.peer.receive(bytes.slice(), taken));
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.schedule();
  }

  async probe(): Promise<void> {
    if (!this.life.isOpen) throw new TransportError('EPIPE', `${this.name} is closed`);
  }

  async close(): Promise<void> {
    if (this.life.isClosed) return;
    this.life.end();
    this.inbox.length = 0;
    this.release();
    this.peer.peerGone = true;
    this.peer.schedule();
  }

  /** Returns false when the sender should wait for `taken`. */
  private receive(bytes: Uint8Array, taken: () => void): boolean {
    if (this.life.isClosed) {
      // Nobody takes them; in a later turn all the same, so that the writer gets to hear that this end has closed.
      setImmediate(taken);
      return false;
    }
    this.inbox.push(bytes);
    this.inboxBytes += bytes.length;
    this.schedule();
    if (this.inboxBytes < highWater) return true;
    this.drained.push(taken);
    return false;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.deliver();
    });
  }

  private deliver(): void {
    while (this.life.isOpen && !this.paused) {
      const bytes = this.inbox.shift();
      if (bytes === undefined) {
        this.release();
        if (this.peerGone) this.life.end();
        return;
      }
      this.inboxBytes -= bytes.length;
      this.life.data(bytes, this.clock.nowUs());
    }
  }

  private release(): void {
    this.inboxBytes = 0;
    for (const taken of this.drained.splice(0)) taken();
  }
}
