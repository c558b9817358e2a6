import {
  type AgniConfig,
  AgniDecoder,
  type AgniDecoderOptions,
  type AgniSink,
} from '../codec/agni/decoder.js';
import { PicGloveDecoder } from '../codec/agni/pic-glove.js';
import { agniCommands } from '../codec/agni/protocol.js';
import type { Driver, SensorIdentity } from '../session/driver.js';
import { type FrameNews, frameDriver, type LevelOptions } from './frame-driver.js';

export interface AgniDriverOptions extends AgniDecoderOptions, LevelOptions {
  /** `agni`, the default: the glove with a Teensy; `pic`: the older one, which streams by itself. */
  readonly protocol?: 'agni' | 'pic';
}

/** The driver for the tactile gloves of Bielefeld. */
export function agniDriver(options: AgniDriverOptions): Driver {
  if (options.protocol === 'pic') {
    const decoder = new PicGloveDecoder();
    return frameDriver({ name: 'agni-sp', taxels: decoder.taxels, decoder }, options);
  }
  const decoder = new AgniDecoder(options);
  const { config: describe, start, stop } = agniCommands;
  return frameDriver(
    { name: 'agni-sp', taxels: decoder.taxels, decoder, news, describe, start, stop },
    options,
  );
}

function news(sink: FrameNews): Pick<AgniSink, 'config' | 'error'> {
  return {
    config: (config) => sink.identity(identityOf(config)),
    error: (text) => sink.log(text),
  };
}

function identityOf({ version, device, sensors }: AgniConfig): SensorIdentity {
  return {
    driver: 'agni-sp',
    name: `AGNI device ${device} with ${sensors.length} sensors`,
    firmware: String(version),
  };
}
