/** A serial port of this machine, as far as the system tells. */
export interface PortInfo {
  readonly path: string;
  /** USB vendor and product, four hexadecimal digits in lower case. */
  readonly vendorId?: string;
  readonly productId?: string;
  readonly manufacturer?: string;
  /** What the device calls itself on USB. */
  readonly product?: string;
  readonly serialNumber?: string;
  /** Kernel driver: cdc_acm, ftdi_sio, ch341, cp210x, ... */
  readonly driver?: string;
  /** How long an FTDI chip may hold bytes back, milliseconds; other chips have no such setting. */
  readonly latencyTimerMs?: number;
  /** Link below /dev/serial/by-id, if udev made one: survives replugging, also into another socket. */
  readonly byId?: string;
  /** Link below /dev/serial/by-path: names the socket, whatever is plugged into it. */
  readonly byPath?: string;
}

/** `vendor:product` of a port; undefined when it is not on USB. */
export function usbOf({ vendorId, productId }: PortInfo): string | undefined {
  return vendorId === undefined ? undefined : `${vendorId}:${productId ?? '????'}`;
}

/**
 * Ways to name a port in the configuration that survive replugging, best first, as lines of YAML: by USB vendor,
 * product and serial number when no other of `ports` has the same, by id, by the socket. Empty when there is none.
 */
export function stableNames(port: PortInfo, ports: readonly PortInfo[]): string[] {
  const names: string[] = [];
  const isUnique = (key: 'serialNumber' | 'byId'): boolean =>
    ports.filter((other) => usbOf(other) === usbOf(port) && other[key] === port[key]).length === 1;
  const usb = usbOf(port);
  if (usb !== undefined && port.serialNumber !== undefined && isUnique('serialNumber'))
    names.push(`usb: "${usb}:${port.serialNumber}"`);
  // Without a serial number a by-id name is that of the type: the next of its kind gets the same.
  if (port.byId !== undefined && port.serialNumber !== undefined && isUnique('byId'))
    names.push(`path: ${port.byId}`);
  if (port.byPath !== undefined) names.push(`path: ${port.byPath}`);
  if (usb !== undefined && port.serialNumber === undefined && isUnique('serialNumber'))
    names.push(`usb: "${usb}"`);
  return names;
}
