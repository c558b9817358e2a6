import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { PacketLimit } from '../mqtt-packet-limit.js';
import type { Ended, ProtocolVersion } from './attempts.js';
import { MAX_COMMAND_BYTES } from './command-body.js';
import type { IncomingMessage, LinkIdentity, LinkTarget, OpenLink, OutgoingMessage } from './link.js';

/** TCP, TLS and the broker's answer together may take so long. */
const CONNECT_TIMEOUT_MS = 5000;
/** The longest packet we take: a command with room for its topic and properties. */
const MAX_PACKET_BYTES = MAX_COMMAND_BYTES + 4096;

/**
 * A link over MQTT.js. Of its own recovery nothing is used: it reconnects after a fixed second without jitter, not at
 * all after a refusal, and queues what was meant for the moment. Each attempt is a new client, so no state outlives one.
 */
export const openMqttLink: OpenLink = (target, identity, version, events) => {
  let finished = false;
  let up = false;
  let problem: Error | undefined;
  let client: MqttClient | undefined;
  const { maxPacketBytes = MAX_PACKET_BYTES } = identity;

  const end = (): void => {
    if (finished) return;
    finished = true;
    if (client !== undefined) cut(client);
    events.ended(explain(problem, up));
  };
  try {
    client = connect(target.url, options(target, identity, version));
    listen(client);
  } catch (error) {
    problem = error as Error;
    queueMicrotask(end);
  }

  function listen(mqtt: MqttClient): void {
    setNoDelay(mqtt);
    mqtt.on('connect', () => {
      if (finished) return;
      up = true;
      setNoDelay(mqtt);
      events.up();
    });
    // Under MQTT 5 the broker keeps longer packets from us; under 3.1.1 the parser would gather up to 256 MiB.
    const limit = new PacketLimit(maxPacketBytes);
    mqtt.stream.on('data', (bytes: Uint8Array) => {
      if (limit.accept(bytes)) return;
      problem ??= new Error(`the broker sent a packet of more than ${maxPacketBytes} bytes`);
      end();
    });
    // MQTT.js acknowledges a message, and takes the next packet, when this has called back.
    mqtt.handleMessage = (packet, done) => {
      const failed = (error: unknown): void => {
        problem ??= new Error(`a message on ${packet.topic} was not handled: ${String(error)}`);
        end();
      };
      try {
        const handled = finished ? undefined : events.message(incoming(packet));
        if (handled === undefined) done();
        else void handled.then(() => done(), failed);
      } catch (error) {
        failed(error);
      }
    };
    mqtt.on('disconnect', (packet) => {
      const { reasonCode = 0 } = packet;
      problem ??= reasonCode === SESSION_TAKEN_OVER ? new TakenOver() : goodbye(reasonCode);
    });
    mqtt.on('error', (error) => {
      problem ??= error;
      end();
    });
    mqtt.on('close', end);
  }

  return {
    version,
    publish(message, done) {
      if (finished || client === undefined) done(new Error('the connection has ended'));
      else
        client.publish(message.topic, bytesOf(message.payload), publishOptions(message, version), (error) =>
          done(error ?? undefined),
        );
    },
    subscribe(filter, done, retained = false) {
      // A shared subscription takes neither: the broker would end the connection.
      const plain = filter.startsWith('$share/') ? {} : { nl: true, rh: retained ? 0 : 2 };
      client?.subscribe(filter, { qos: 1, rap: true, ...plain }, (error) => done(error ?? undefined));
    },
    unsubscribe(filters, done) {
      if (finished || client === undefined) done(new Error('the connection has ended'));
      else client.unsubscribe([...filters], (error) => done(error ?? undefined));
    },
    get pendingBytes() {
      return (client?.stream as { writableLength?: number } | undefined)?.writableLength ?? 0;
    },
    close(done) {
      finished = true;
      if (client === undefined) done();
      else client.end(false, {}, () => done());
    },
    destroy() {
      finished = true;
      if (client !== undefined) cut(client);
    },
  };
};

/** Ends the client at once; its own forced end does nothing while a polite one waits. */
function cut(client: MqttClient): void {
  client.end(true);
  client.stream.destroy();
}

/** Small packets must not wait for the acknowledgement of the ones before: that costs 40 ms at a time. */
function setNoDelay(client: MqttClient): void {
  (client.stream as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);
}

function options(
  target: LinkTarget,
  { clientId, will, maxPacketBytes = MAX_PACKET_BYTES, receiveMaximum }: LinkIdentity,
  version: ProtocolVersion,
): IClientOptions {
  const { username, password, ca, cert, key } = target;
  const secure = {
    rejectUnauthorized: target.rejectUnauthorized,
    minVersion: 'TLSv1.2' as const,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key: key.reveal() }),
  };
  const tls = /^(mqtts|wss):/.test(target.url);
  return {
    clientId,
    protocolVersion: version,
    clean: true,
    keepalive: target.keepaliveS,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    queueQoSZero: false,
    resubscribe: false,
    ...(tls ? { ...secure, wsOptions: secure } : {}),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(version === 5
      ? {
          properties: {
            sessionExpiryInterval: 0,
            maximumPacketSize: maxPacketBytes,
            ...(receiveMaximum === undefined ? {} : { receiveMaximum }),
          },
        }
      : {}),
    ...(will === undefined ? {} : { will: willOptions(will, version) }),
  };
}

function willOptions(
  { topic, payload }: NonNullable<LinkIdentity['will']>,
  version: ProtocolVersion,
): NonNullable<IClientOptions['will']> {
  return {
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    retain: true,
    ...(version === 5 ? { properties: { willDelayInterval: 0, contentType: 'application/json' } } : {}),
  };
}

function publishOptions(message: OutgoingMessage, version: ProtocolVersion): IPublishOptions {
  const { qos, retain, expiryS, correlation, responseTopic, properties = {} } = message;
  if (version === 4) return { qos, retain };
  return {
    qos,
    retain,
    properties: {
      payloadFormatIndicator: typeof message.payload === 'string',
      contentType: message.contentType ?? 'application/json',
      ...(expiryS === undefined ? {} : { messageExpiryInterval: expiryS }),
      ...(responseTopic === undefined ? {} : { responseTopic }),
      ...(correlation === undefined ? {} : { correlationData: correlation }),
      // MQTT.js writes half a packet when there is an object and nothing in it.
      ...(Object.keys(properties).length === 0 ? {} : { userProperties: { ...properties } }),
    },
  };
}

/** MQTT.js takes text and buffers. */
function bytesOf(payload: string | Uint8Array): string | Buffer {
  if (typeof payload === 'string') return payload;
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}

type IPublishOptions = Pick<IPublishPacket, 'qos' | 'retain' | 'properties'>;

function incoming({ topic, payload, retain, properties }: IPublishPacket): IncomingMessage {
  return {
    topic,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    retain,
    ...(properties?.messageExpiryInterval === undefined ? {} : { expiryS: properties.messageExpiryInterval }),
    ...(properties?.responseTopic === undefined ? {} : { responseTopic: properties.responseTopic }),
    ...(properties?.correlationData === undefined ? {} : { correlation: properties.correlationData }),
  };
}

/** MQTT 3.1.1 return code 1, MQTT 5 reason code 132. */
const UNSUPPORTED_VERSION = [1, 132];

/** MQTT 5 reason code of a broker's goodbye. */
const SESSION_TAKEN_OVER = 142;

class TakenOver extends Error {
  override readonly message = 'another client has connected with the same client id';
}

function goodbye(reasonCode: number): Error {
  return new Error(`the broker ended the connection, reason code ${reasonCode}`);
}

function explain(problem: Error | undefined, up: boolean): Omit<Ended, 'upMs'> {
  const reason = problem === undefined ? 'the broker closed the connection' : words(problem);
  if (problem instanceof TakenOver) return { cause: 'taken', reason };
  if (up) return { cause: problem === undefined ? 'hung-up' : 'lost', reason };
  const code = (problem as { code?: number | string } | undefined)?.code;
  if (typeof code === 'number')
    return { cause: UNSUPPORTED_VERSION.includes(code) ? 'version' : 'refused', reason };
  return { cause: problem === undefined || code === 'ECONNRESET' ? 'closed' : 'unreachable', reason };
}

/** Errors that stand for several (one for each address of a host) have no message of their own. */
function words(error: Error): string {
  const errors = (error as { errors?: readonly Error[] }).errors ?? [];
  return error.message || errors.map(({ message }) => message).join('; ') || error.name;
}
