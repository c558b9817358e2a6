import { z } from 'zod';
import { usbPattern } from '../../devices/index.js';
import { live, restart } from './annotate.js';
import { driverSchema } from './driver-schema.js';

export const CONTACTS = ['press', 'tap', 'slide', 'slip', 'rotate', 'texture', 'roll'] as const;

const serial = z.strictObject({
  kind: z.literal('serial'),
  path: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .meta(
      restart('Device file, by a name that stays: /dev/serial/by-id/... or by-path/...; or give usb or uid'),
    ),
  usb: z
    .string()
    .max(256)
    .regex(usbPattern, 'must be vendor:product or vendor:product:serial, e.g. "16c0:0483:12345"')
    .optional()
    .meta(restart("In place of path: USB vendor, product and serial number, as 'whorl ports' lists them")),
  uid: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta(restart('Serial number that the sensor itself tells; ports are tried in turn until it answers')),
  baudRate: z
    .int()
    .min(1200)
    .max(12_000_000)
    .default(1_000_000)
    .meta(restart('Speed of the line, 8 data bits, no parity, 1 stop bit', 'baud')),
  rtscts: z.boolean().default(false).meta(restart('Hardware flow control')),
  dtr: z.boolean().default(true).meta(restart('State of the DTR line while the port is open')),
  rts: z.boolean().default(true).meta(restart('State of the RTS line while the port is open')),
  lowLatency: z
    .boolean()
    .default(true)
    .meta(restart('Ask the driver to deliver bytes at once (FTDI chips otherwise wait up to 16 ms)')),
});

const tcp = z.strictObject({
  kind: z.literal('tcp'),
  host: z.string().min(1).max(253).meta(restart('Host name or address of a serial-to-network bridge')),
  port: z.int().min(1).max(65535).meta(restart('TCP port')),
});

const replay = z.strictObject({
  kind: z.literal('replay'),
  file: z.string().min(1).max(4096).meta(restart('Capture to play, relative to this file')),
  raw: z
    .boolean()
    .default(false)
    .meta(restart('The file has only the bytes of the sensor, without times of arrival; it plays at once')),
  speed: z
    .number()
    .min(0)
    .max(1000)
    .default(1)
    .meta(restart('1 is the pace of the recording, 2 twice as fast, 0 as fast as possible', 'x')),
});

const simulator = z.strictObject({
  kind: z.literal('simulator'),
  seed: z.int().min(0).max(0xffffffff).default(1).meta(restart('The same seed gives the same touches')),
  speed: z.number().min(0).max(1000).default(1).meta(restart('1 is real time, 0 as fast as possible', 'x')),
  contacts: z
    .array(z.enum(CONTACTS))
    .min(1)
    .max(CONTACTS.length)
    .default([...CONTACTS])
    .meta(restart('Kinds of contact to draw from')),
  count: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .optional()
    .meta(restart('Stop after so many contacts; without it: go on for ever', 'contacts')),
});

/** How the bytes of a sensor arrive. */
export const transportSchema = z.discriminatedUnion('kind', [serial, tcp, replay, simulator]);

export const sensorSchema = z.strictObject({
  transport: transportSchema.meta({ description: 'Where the bytes come from' }),
  driver: driverSchema
    .optional()
    .meta({ description: 'What the sensor speaks; without it tef, the native taxel event framing, v1' }),
  geometry: z
    .string()
    .min(1)
    .max(4096)
    .default('neutouch-b')
    .meta(restart('Taxel positions: a built-in name, or a JSON geometry file relative to this file')),
  taxels: z
    .int()
    .min(1)
    .max(65535)
    .optional()
    .meta(restart('Number of taxels, if the geometry is to be checked against it', 'taxels')),
  tickNs: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .optional()
    .meta(
      restart(
        'Length of a device tick, for sensors that do not say it themselves (tef, agni-sp, icub-ae)',
        'ns',
      ),
    ),
  silentAfterMs: z
    .int()
    .min(10)
    .max(3_600_000)
    .default(2000)
    .meta(live('Without a byte for so long the sensor counts as silent and its port is opened anew', 'ms')),
  enabled: z.boolean().default(true).meta(restart('Whether the sensor is used')),
});
