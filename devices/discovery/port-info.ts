/** A serial port of this machine, as far as the system tells. */
export interface PortInfo {
  readonly path: string;
  /** USB vendor and product, four hexadecimal digits in lower case. */
  readonly vendorId?: string;
  readonly productId?: string;
  readonly manufacturer?: string;
  readonly serialNumber?: string;
  /** A name that survives replugging, if udev made one: /dev/serial/by-id/... */
  readonly stablePath?: string;
}

/** USB vendor, or vendor:product, and what is behind it. Longer keys come first. */
const chips: readonly (readonly [string, string])[] = [
  ['0403:6001', 'FTDI FT232R, USB-serial bridge'],
  ['0403:6010', 'FTDI FT2232, USB-serial bridge'],
  ['0403:6014', 'FTDI FT232H, USB-serial bridge'],
  ['0403:6015', 'FTDI FT-X, USB-serial bridge'],
  ['10c4:ea60', 'Silicon Labs CP210x, USB-serial bridge'],
  ['16c0:0483', 'Teensy'],
  ['1a86:7523', 'WCH CH340, USB-serial bridge'],
  ['1a86:55d4', 'WCH CH9102, USB-serial bridge'],
  ['2e8a:', 'Raspberry Pi RP2040/RP2350'],
  ['303a:', 'Espressif ESP32'],
  ['0403:', 'FTDI, USB-serial bridge'],
  ['067b:', 'Prolific, USB-serial bridge'],
  ['0483:', 'STMicroelectronics'],
  ['10c4:', 'Silicon Labs, USB-serial bridge'],
  ['16c0:', 'V-USB or Teensy'],
  ['1a86:', 'WCH, USB-serial bridge'],
  ['2341:', 'Arduino'],
  ['239a:', 'Adafruit'],
  ['2a03:', 'Arduino'],
];

/**
 * One line on what is probably behind a port: chip or board by its USB numbers, then what it says of itself. Which
 * sensor hangs on it only the sensor can tell.
 */
export function describePort(port: PortInfo): string {
  const { vendorId, productId, manufacturer, serialNumber } = port;
  if (vendorId === undefined) return port.path.includes('ttyS') ? 'serial port on the board' : 'no USB data';
  const usb = `${vendorId}:${productId ?? '????'}`;
  const chip = chips.find(([key]) => usb.startsWith(key))?.[1] ?? 'unknown device';
  const parts = [`${chip} (${usb})`];
  if (manufacturer !== undefined) parts.push(`by ${manufacturer}`);
  if (serialNumber !== undefined) parts.push(`no. ${serialNumber}`);
  return parts.join(', ');
}
