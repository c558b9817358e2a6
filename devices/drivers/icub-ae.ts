import { IcubAeDecoder, type IcubAeDecoderOptions } from '../codec/icub-ae.js';
import type { Driver } from '../session/driver.js';

export interface IcubAeDriverOptions extends IcubAeDecoderOptions {}

/** The driver for address events of the iCub's skin, from a bridge or a file. It says nothing and is told nothing. */
export function icubAeDriver(options: IcubAeDriverOptions = {}): Driver {
  return new IcubAeDriver(options);
}

class IcubAeDriver extends IcubAeDecoder implements Driver {
  readonly name = 'icub-ae';
  readonly heartbeatMs = undefined;
  readonly describe = undefined;
  readonly start = undefined;
  readonly stop = undefined;
}
