import { TransportError } from '../transport/transport.js';
import { describePort } from './fingerprints.js';
import { listPorts, type PortList } from './list-ports.js';
import { type PortInfo, stableNames, usbOf } from './port-info.js';

/** By what a serial port is found; `path` excludes `usb`. */
export interface PortIdentity {
  /** Device file, or a link to one below /dev/serial. */
  readonly path?: string | undefined;
  /** USB `vendor:product` or `vendor:product:serial number`, hexadecimal: `16c0:0483:12345`. */
  readonly usb?: string | undefined;
  /** What the sensor itself says its serial number is; ports are tried in turn. Tell it `openSensor`, too: it checks. */
  readonly uid?: string | undefined;
}

export const usbPattern = /^([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?::(.+))?$/;

/** A path that says in which order things were plugged in, and not what is there. */
export function isBarePath(path: string): boolean {
  return /^\/dev\/tty(USB|ACM)\d+$/.test(path);
}

/** How a port is called in messages before it is found. */
export function identityText({ path, usb, uid }: PortIdentity): string {
  return path ?? (usb === undefined ? `uid ${uid}` : `usb ${usb}`);
}

/** Finds the path for one attempt. Rejects with a TransportError: ENOENT, or EAMBIGUOUS with the candidates. */
export type PortResolver = () => Promise<string>;

/**
 * The resolver of an identity; it looks anew at every attempt, for a sensor that is plugged in again may get another
 * number. Throws RangeError for an identity that says nothing, or a `usb` that is none. `list` is there for tests.
 */
export function portResolver(
  identity: PortIdentity,
  list: () => Promise<PortList> = listPorts,
): PortResolver {
  const { path, usb, uid } = identity;
  if (path !== undefined) return async () => path;
  if (usb === undefined && uid === undefined)
    throw new RangeError('a serial port needs a path, a usb identity or a uid');
  if (usb !== undefined && !usbPattern.test(usb))
    throw new RangeError(`usb must be vendor:product or vendor:product:serial, not '${usb}'`);
  let turn = 0;
  return async () => {
    const { ports } = await list();
    const found =
      usb === undefined ? ports.filter((port) => usbOf(port) !== undefined) : matchUsb(ports, usb);
    if (found.length === 0) throw absent(identity, ports);
    if (found.length > 1 && uid === undefined) throw ambiguous(identity, found, ports);
    return found[turn++ % found.length]!.path;
  };
}

/** Ports with these USB numbers; hexadecimal digits in either case, the serial number exactly. */
export function matchUsb(ports: readonly PortInfo[], usb: string): PortInfo[] {
  const [, vendor, product, serial] = usbPattern.exec(usb)!;
  const wanted = `${vendor}:${product}`.toLowerCase();
  return ports.filter(
    (port) => usbOf(port) === wanted && (serial === undefined || port.serialNumber === serial),
  );
}

function absent(identity: PortIdentity, ports: readonly PortInfo[]): TransportError {
  const there = ports.map((port) => `${port.path} ${describePort(port)}`).join('; ');
  const message = `no port has ${identityText(identity)}: plug the sensor in, or correct the configuration`;
  return new TransportError(
    'ENOENT',
    `${message} (${there === '' ? 'there are no ports' : `there are: ${there}`})`,
  );
}

function ambiguous(
  identity: PortIdentity,
  found: readonly PortInfo[],
  ports: readonly PortInfo[],
): TransportError {
  const names = found.map((port) => `${port.path} = ${stableNames(port, ports)[0] ?? 'no name of its own'}`);
  return new TransportError(
    'EAMBIGUOUS',
    `${found.length} ports have ${identityText(identity)}: configure one of them by a name of its own, or give the uid of the sensor; candidates: ${names.join('; ')}`,
  );
}
