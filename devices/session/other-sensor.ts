import { TransportError } from '../transport/transport.js';
import type { SensorIdentity } from './driver.js';

/** Why this is not the sensor with the serial number that is wanted; undefined when it is, or any will do. */
export function otherSensor(uid: string | undefined, identity: SensorIdentity): TransportError | undefined {
  if (uid === undefined || identity.uid?.toLowerCase() === uid.toLowerCase()) return undefined;
  const there = identity.uid === undefined ? 'tells no serial number' : `is ${identity.uid}`;
  const message = `sensor ${uid} is not there: the one that answers ${there}; plug it in, or correct the uid`;
  return new TransportError('EOTHER', message);
}
