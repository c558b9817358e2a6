import { type PortInfo, usbOf } from './port-info.js';

/** A chip or board by its USB numbers, and the drivers that sensors behind it are known to need. */
interface Fingerprint {
  /** `vendor:product`, or `vendor:` for all of its products. */
  readonly usb: string;
  readonly what: string;
  /** Driver -> score, 0 .. 1. */
  readonly drivers?: Readonly<Record<string, number>>;
}

/** What a driver gets where only the kind of chip is known: boards that people write firmware for, and bare bridges. */
const board = { tef: 0.5, matrix: 0.3, anyskin: 0.2 };
const bridge = { tef: 0.3, matrix: 0.3, edvs: 0.1 };

/**
 * Scores are a judgement and no measurement: they order guesses, and only a probe settles them. Sources: the boards that
 * the firmware of these sensors is published for (TactileGlove: Teensy; AnySkin: Adafruit QT Py and Arduino; FlexiTac:
 * FTDI and CH340; eDVS: FTDI). Longer keys come first.
 */
const table: readonly Fingerprint[] = [
  { usb: '0403:6001', what: 'FTDI FT232R, USB-serial bridge', drivers: { ...bridge, matrix: 0.4 } },
  { usb: '0403:6010', what: 'FTDI FT2232, USB-serial bridge', drivers: { ...bridge, edvs: 0.3 } },
  { usb: '0403:6014', what: 'FTDI FT232H, USB-serial bridge', drivers: { ...bridge, edvs: 0.4 } },
  { usb: '0403:6015', what: 'FTDI FT-X, USB-serial bridge', drivers: bridge },
  { usb: '10c4:ea60', what: 'Silicon Labs CP210x, USB-serial bridge', drivers: bridge },
  { usb: '16c0:0483', what: 'Teensy', drivers: { tef: 0.5, 'agni-sp': 0.4, matrix: 0.2 } },
  { usb: '1a86:7523', what: 'WCH CH340, USB-serial bridge', drivers: { ...bridge, matrix: 0.4 } },
  { usb: '1a86:55d4', what: 'WCH CH9102, USB-serial bridge', drivers: bridge },
  {
    usb: '0483:5740',
    what: 'STMicroelectronics virtual COM port',
    drivers: { 'contactile-pts': 0.4, tef: 0.3 },
  },
  { usb: '2e8a:', what: 'Raspberry Pi RP2040/RP2350', drivers: board },
  { usb: '303a:', what: 'Espressif ESP32', drivers: board },
  { usb: '0403:', what: 'FTDI, USB-serial bridge', drivers: bridge },
  { usb: '067b:', what: 'Prolific, USB-serial bridge', drivers: bridge },
  { usb: '0483:', what: 'STMicroelectronics' },
  { usb: '10c4:', what: 'Silicon Labs, USB-serial bridge', drivers: bridge },
  { usb: '16c0:', what: 'V-USB or Teensy', drivers: { tef: 0.3 } },
  { usb: '1a86:', what: 'WCH, USB-serial bridge', drivers: bridge },
  { usb: '2341:', what: 'Arduino', drivers: { ...board, anyskin: 0.4 } },
  { usb: '239a:', what: 'Adafruit', drivers: { ...board, anyskin: 0.5 } },
  { usb: '2a03:', what: 'Arduino', drivers: { ...board, anyskin: 0.4 } },
];

/** A driver that may fit, and how likely that is: 0 .. 1, comparable within one port. */
export interface PortGuess {
  readonly driver: string;
  readonly score: number;
}

/** Drivers that may fit the sensor behind a port, the likeliest first; which one does only the sensor can tell. */
export function guessDrivers(port: PortInfo): PortGuess[] {
  const { drivers = {} } = fingerprint(port) ?? {};
  return Object.entries(drivers)
    .map(([driver, score]) => ({ driver, score }))
    .sort((a, b) => b.score - a.score);
}

/** One line on what is probably behind a port: chip or board by its USB numbers, then what it says of itself. */
export function describePort(port: PortInfo): string {
  const usb = usbOf(port);
  const { manufacturer, product, serialNumber } = port;
  if (usb === undefined) return /tty(S|AMA)\d/.test(port.path) ? 'serial port on the board' : 'no USB data';
  const parts = [`${fingerprint(port)?.what ?? 'unknown device'} (${usb})`];
  if (product !== undefined) parts.push(`'${product}'`);
  if (manufacturer !== undefined) parts.push(`by ${manufacturer}`);
  if (serialNumber !== undefined) parts.push(`no. ${serialNumber}`);
  return parts.join(', ');
}

function fingerprint(port: PortInfo): Fingerprint | undefined {
  const usb = usbOf(port);
  return usb === undefined ? undefined : table.find((entry) => usb.startsWith(entry.usb));
}
