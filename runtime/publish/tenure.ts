/** When a connection may be published over: at once, or once it is known that the edge is ours alone. */
import type { Clock } from '../clock.js';
import type { Logger } from '../log/index.js';
import { Claim, type Holder } from './claim.js';
import type { IncomingMessage, Link, OpenLink } from './link.js';
import type { RequestTarget } from './request.js';
import type { Topics } from './topics.js';
import { Vacancy } from './vacancy.js';

export interface UniqueOptions {
  /** Another process serves the edge: nothing is published until it is gone. */
  readonly onTaken: (holder: Holder) => void;
  /** It is gone, or its broker is. */
  readonly onVacant: () => void;
}

export interface TenureOptions {
  readonly edge: string;
  readonly session: string;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly target: RequestTarget;
  readonly open?: OpenLink | undefined;
  /** Left out: nobody else is looked for. */
  readonly unique?: UniqueOptions | undefined;
  readonly connection: { start(): void; stop(timeoutMs: number): Promise<void> };
  /** The edge is ours at this broker. */
  readonly onServe: (link: Link) => void;
  /** It is not ours any more. */
  readonly onSilent: () => void;
  /** Somebody else has written its status: write it again. */
  readonly onOverwritten: () => void;
}

/** For the farewell to a broker where another process serves the edge. */
const GOODBYE_MS = 1000;

export class Tenure {
  private readonly claim: Claim | undefined;
  private readonly vacancy: Vacancy | undefined;
  private stopped = false;

  constructor(private readonly options: TenureOptions) {
    const { unique, topics, session, clock, open, target, edge } = options;
    if (unique === undefined) return;
    this.claim = new Claim({
      ...{ topics, clock, self: { session, startedUs: clock.nowUs() } },
      onFree: options.onServe,
      onTaken: (holder) => this.taken(holder),
      onOverwritten: options.onOverwritten,
    });
    this.vacancy = new Vacancy({
      ...{ target, edge, clock },
      ...(open === undefined ? {} : { open }),
      onVacant: () => this.vacant(),
    });
  }

  /** A connection is up. */
  begin(link: Link): void {
    if (this.claim === undefined) this.options.onServe(link);
    else this.claim.begin(link);
  }

  /** It is gone. */
  end(): void {
    this.claim?.end();
  }

  /** Takes a message that is about this; false: it is about something else. */
  receive(message: IncomingMessage): boolean {
    return this.claim?.receive(message) === true;
  }

  stop(): void {
    this.stopped = true;
    this.end();
    this.vacancy?.stop();
  }

  private taken(holder: Holder): void {
    const { edge, log, unique, connection, onSilent } = this.options;
    onSilent();
    log.error(
      { edge, session: holder.session },
      'another whorl serves this edge at the broker; this one is silent until that is gone: give one of them another edge.id',
    );
    void connection.stop(GOODBYE_MS).then(() => {
      if (!this.stopped) this.vacancy?.watch();
    });
    unique?.onTaken(holder);
  }

  private vacant(): void {
    const { edge, log, unique, connection } = this.options;
    log.warn({ edge }, 'the other whorl that served this edge does not answer any more');
    connection.start();
    unique?.onVacant();
  }
}
