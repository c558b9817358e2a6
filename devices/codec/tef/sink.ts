import type { DecoderSink } from '../decoder.js';
import type { TefAck, TefCommand, TefHello, TefLevels, TefPong, TefStatus } from './messages.js';

/** What a `TefDecoder` calls: of a device's frames all but `command`, of a host's frames `command` alone. */
export interface TefSink extends DecoderSink {
  /** `restarted`: the boot id differs from that of the last HELLO on this link (`epoch` was called before). */
  hello(info: TefHello, restarted: boolean): void;
  /** The object and its values are reused. */
  levels(levels: TefLevels): void;
  status(status: TefStatus): void;
  /**
   * `rxUs`, `txUs`: its times in device microseconds, comparable with those of events. A clock is read in whole ticks:
   * the ping was received before `rxUs`, the end of its tick, and answered after `txUs`, the beginning of its tick.
   */
  pong(pong: TefPong, rxUs: number, txUs: number): void;
  ack(ack: TefAck): void;
  log(text: string): void;
  command(command: TefCommand): void;
}

const ignore = (): void => {};

/** A sink that ignores all that `handlers` does not take. */
export function tefSink(handlers: Partial<TefSink>): TefSink {
  const { events, advance, epoch, gap, discard, reject, hello, levels, status, pong, ack, log, command } =
    handlers;
  return {
    events: events ?? ignore,
    advance: advance ?? ignore,
    epoch: epoch ?? ignore,
    gap: gap ?? ignore,
    discard: discard ?? ignore,
    reject: reject ?? ignore,
    hello: hello ?? ignore,
    levels: levels ?? ignore,
    status: status ?? ignore,
    pong: pong ?? ignore,
    ack: ack ?? ignore,
    log: log ?? ignore,
    command: command ?? ignore,
  };
}
