import type { DiscardReason, EventBatch, TefCommand, TefHello, TefSink } from '../../devices/index.js';
import { discardReasons } from '../../devices/index.js';

/** The HELLO of devices/DESIGN.md. */
export const hello: TefHello = {
  tickNs: 1000,
  taxels: 39,
  caps: 3,
  geometryId: 0x12345678,
  uid: '0102030405060708',
  firmware: [1, 0, 0],
  bootId: 0xa1b2c3d4,
  name: 'neutouch39',
};

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Events as rows [tUs, taxel, polarity]. */
export function rows(batch: EventBatch): [number, number, number][] {
  return Array.from({ length: batch.length }, (_, i) => [batch.tUs[i]!, batch.taxel[i]!, batch.polarity[i]!]);
}

/** A sink that writes down every call, in order, as `[method, ...arguments]`; batches are copied. */
export class Recorder implements TefSink {
  readonly calls: unknown[][] = [];
  readonly discarded = Object.fromEntries(discardReasons.map((reason) => [reason, 0])) as Record<
    DiscardReason,
    number
  >;

  events(batch: EventBatch): void {
    this.calls.push(['events', rows(batch)]);
  }
  advance(deviceUs: number): void {
    this.calls.push(['advance', deviceUs]);
  }
  epoch(): void {
    this.calls.push(['epoch']);
  }
  gap(kind: string, count: number): void {
    this.calls.push(['gap', kind, count]);
  }
  discard(reason: DiscardReason, bytes: number): void {
    this.discarded[reason] += bytes;
    this.calls.push(['discard', reason, bytes]);
  }
  reject(reason: string, count: number): void {
    this.calls.push(['reject', reason, count]);
  }
  hello(info: TefHello, restarted: boolean): void {
    this.calls.push(['hello', info, restarted]);
  }
  levels({ tUs, start, length, values }: Parameters<TefSink['levels']>[0]): void {
    this.calls.push(['levels', tUs, start, [...values.subarray(0, length)]]);
  }
  status(status: unknown): void {
    this.calls.push(['status', status]);
  }
  pong(pong: unknown): void {
    this.calls.push(['pong', pong]);
  }
  ack(ack: unknown): void {
    this.calls.push(['ack', ack]);
  }
  log(text: string): void {
    this.calls.push(['log', text]);
  }
  command(command: TefCommand): void {
    this.calls.push(['command', command]);
  }

  get discardedBytes(): number {
    return Object.values(this.discarded).reduce((sum, bytes) => sum + bytes, 0);
  }

  /** The calls of some methods only. */
  only(...methods: string[]): unknown[][] {
    return this.calls.filter(([method]) => methods.includes(method as string));
  }

  /** The rows of all events, whatever batch they came in. */
  get eventRows(): [number, number, number][] {
    return this.only('events').flatMap(([, batch]) => batch as [number, number, number][]);
  }
}
