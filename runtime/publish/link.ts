import type { Secret } from '../secret.js';
import type { Ended, ProtocolVersion } from './attempts.js';

/** Where the broker is and how to be let in. */
export interface LinkTarget {
  /** mqtt://, mqtts://, ws:// or wss:// */
  readonly url: string;
  readonly keepaliveS: number;
  readonly username?: string;
  readonly password?: Secret;
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
  readonly rejectUnauthorized: boolean;
}

/** Who we are to the broker. */
export interface LinkIdentity {
  readonly clientId: string;
  /** What the broker says for us when we are gone: retained, QoS 1; without it nothing. */
  readonly will?: { readonly topic: string; readonly payload: string };
  /** The longest packet we take, in bytes; absent: a command with room for its topic and properties. */
  readonly maxPacketBytes?: number;
  /** MQTT 5: messages of QoS 1 that we have at once and have not acknowledged; absent: as many as the broker likes. */
  readonly receiveMaximum?: number;
}

export interface OutgoingMessage {
  readonly topic: string;
  /** JSON, or bytes of `contentType`. */
  readonly payload: string | Uint8Array;
  /** Absent: application/json. */
  readonly contentType?: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly expiryS?: number;
  readonly correlation?: Buffer;
  /** Where the answer is wanted (MQTT 5). */
  readonly responseTopic?: string;
  /** MQTT 5 user properties, for readers that sort without parsing. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface IncomingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  /** MQTT 5: seconds until it is worthless, what it waited at the broker taken off. */
  readonly expiryS?: number;
  readonly responseTopic?: string;
  readonly correlation?: Buffer;
}

/** One connection to a broker, from the attempt to its end. It never comes back: the next one is a new link. */
export interface Link {
  readonly version: ProtocolVersion;
  /** Sends; `done` is called once: with QoS 1 when the broker has it, with QoS 0 when it is written. */
  publish(message: OutgoingMessage, done: (error?: Error) => void): void;
  /**
   * Subscribes with QoS 1; under MQTT 5 without our own messages, and without those that are retained unless they are
   * wanted (under 3.1.1 they always come).
   */
  subscribe(filter: string, done: (error?: Error) => void, retained?: boolean): void;
  /** Ends subscriptions; when `done` is called, what came before has been handled. */
  unsubscribe(filters: readonly string[], done: (error?: Error) => void): void;
  /** Bytes that wait for the network to take them. */
  readonly pendingBytes: number;
  /** Says goodbye (no will) and calls `done` when the connection is closed. */
  close(done: () => void): void;
  /** Cuts the connection. `ended` is not called any more. */
  destroy(): void;
}

export interface LinkEvents {
  up(): void;
  /**
   * A message of QoS 1 is acknowledged, and the next packet taken, when this has returned or its promise is fulfilled. A
   * fault of it ends the connection, with that as the reason.
   */
  message(message: IncomingMessage): void | Promise<void>;
  /** Called once, unless the link was closed or destroyed by us. */
  ended(how: Omit<Ended, 'upMs'>): void;
}

/** Begins an attempt. Never throws: what goes wrong comes as `ended`. */
export type OpenLink = (
  target: LinkTarget,
  identity: LinkIdentity,
  version: ProtocolVersion,
  events: LinkEvents,
) => Link;
