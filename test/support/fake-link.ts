import type { Ended, ProtocolVersion } from '../../runtime/publish/attempts.js';
import type {
  IncomingMessage,
  Link,
  LinkEvents,
  LinkIdentity,
  LinkTarget,
  OpenLink,
  OutgoingMessage,
} from '../../runtime/publish/link.js';

/** A connection without a network: the test plays the broker. */
export class FakeLink implements Link {
  pendingBytes = 0;
  readonly sent: OutgoingMessage[] = [];
  readonly subscriptions: string[] = [];
  state: 'opening' | 'up' | 'ended' | 'closed' | 'destroyed' = 'opening';
  private readonly unacknowledged: ((error?: Error) => void)[] = [];

  constructor(
    readonly version: ProtocolVersion,
    readonly identity: LinkIdentity,
    private readonly events: LinkEvents,
    /** Whether the broker acknowledges at once (with the next microtask). */
    public acknowledges = true,
  ) {}

  /** The broker accepts the connection. */
  accept(): this {
    this.state = 'up';
    this.events.up();
    return this;
  }

  /** The connection, or the attempt, ends. */
  end(cause: Ended['cause'], reason = cause as string): void {
    this.state = 'ended';
    this.events.ended({ cause, reason });
  }

  /** A message comes; returns what the link waits for until it acknowledges it. */
  deliver(message: Partial<IncomingMessage> & { readonly topic: string }): void | Promise<void> {
    return this.events.message({ payload: new Uint8Array(), retain: false, ...message });
  }

  /** The broker acknowledges what it has not yet. */
  acknowledge(error?: Error): void {
    for (const done of this.unacknowledged.splice(0)) done(error);
  }

  publish(message: OutgoingMessage, done: (error?: Error) => void): void {
    this.sent.push(message);
    if (message.qos === 0) done();
    else {
      this.unacknowledged.push(done);
      if (this.acknowledges) queueMicrotask(() => this.acknowledge());
    }
  }

  subscribe(filter: string, done: (error?: Error) => void): void {
    this.subscriptions.push(filter);
    done();
  }

  unsubscribe(filters: readonly string[], done: (error?: Error) => void): void {
    for (const filter of filters) this.subscriptions.splice(this.subscriptions.indexOf(filter), 1);
    done();
  }

  close(done: () => void): void {
    this.state = 'closed';
    done();
  }

  destroy(): void {
    if (this.state !== 'closed') this.state = 'destroyed';
  }

  /** Last parts of the topics of what was sent. */
  get topics(): string[] {
    return this.sent.map(({ topic }) => topic.split('/').slice(3).join('/'));
  }

  payloads(leaf: string): Record<string, unknown>[] {
    return this.sent
      .filter(({ topic }) => topic.endsWith(leaf))
      .map(({ payload }) => JSON.parse(String(payload)) as Record<string, unknown>);
  }
}

/** Opens fake links and remembers them. */
export function fakeLinks(acknowledges = true): { open: OpenLink; links: FakeLink[]; targets: LinkTarget[] } {
  const links: FakeLink[] = [];
  const targets: LinkTarget[] = [];
  const open: OpenLink = (target, identity, version, events) => {
    const link = new FakeLink(version, identity, events, acknowledges);
    links.push(link);
    targets.push(target);
    return link;
  };
  return { open, links, targets };
}
