import { z } from 'zod';
import {
  anyskinAxes,
  edvsModes,
  matrixFormats,
  pillarValues,
  ptsRates,
  timestampBits,
} from '../../devices/index.js';
import { restart } from './annotate.js';

/** How the levels of any sampled sensor become events. */
const levels = {
  calibration: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .meta(
      restart('File with rest levels and thresholds, as whorl calibrate writes it, relative to this file'),
    ),
  threshold: z
    .number()
    .positive()
    .optional()
    .meta(
      restart('Change of level that makes an event, in the unit of the sensor; wins over the calibration'),
    ),
  hysteresis: z
    .number()
    .min(0)
    .max(100)
    .default(0.5)
    .meta(restart('What a change must exceed its threshold by when it turns back', 'thresholds')),
  maxPerFrame: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .meta(restart('Most events of a taxel in a frame', 'events')),
  refractoryUs: z
    .int()
    .min(0)
    .max(60_000_000)
    .default(0)
    .meta(restart('A taxel is mute for so long after it fired', 'us')),
};

const tef = z.strictObject({ kind: z.literal('tef') });

const edvs = z.strictObject({
  kind: z.literal('edvs'),
  mode: z
    .enum(edvsModes)
    .default('E3')
    .meta(restart('Format of events to ask for; how many bits of time it has depends on the firmware')),
  timestampBits: z
    .literal(['auto', ...timestampBits])
    .default('auto')
    .meta(restart('Bits of time in an event; auto finds out from the first 2048 bytes', 'bits')),
  onBit: z
    .literal([0, 1])
    .default(1)
    .meta(restart('The bit that means ON: boards disagree, press and see; 1 leaves it as it comes')),
  rows: z
    .int()
    .min(1)
    .max(128)
    .default(8)
    .meta(restart('Cells that the 128 pixels down are pooled to', 'cells')),
  columns: z
    .int()
    .min(1)
    .max(128)
    .default(8)
    .meta(restart('Cells that the 128 pixels across are pooled to', 'cells')),
});

const side = z.int().min(1).max(4096);

const matrix = z.strictObject({
  kind: z.literal('matrix'),
  format: z
    .enum(matrixFormats)
    .meta(restart('flexitac: binary; vitac: the text of 3D-ViTac; text: as the next keys say')),
  rows: side.meta(restart('Rows; rows x columns is at most 4096', 'taxels')),
  columns: side.meta(restart('Columns', 'taxels')),
  terminator: z
    .enum(['line', 'blank-line'])
    .default('line')
    .meta(restart('Of text: a line is a frame; or a line is a row, and an empty line ends the frame')),
  separators: z
    .string()
    .min(1)
    .max(16)
    .default(' \t,;')
    .meta(restart('Of text: characters that stand, alone or together, between values')),
  prefix: z.string().max(64).default('').meta(restart('Of text: what every line with values begins with')),
  ...levels,
});

const anyskin = z.strictObject({
  kind: z.literal('anyskin'),
  chips: z.int().min(1).max(64).default(5).meta(restart('Magnetometers', 'magnetometers')),
  axes: z
    .array(z.enum(anyskinAxes))
    .min(1)
    .max(4)
    .default(['x', 'y', 'z'])
    .meta(restart('Values that become taxels: taxel = magnetometer x axes + place in this list')),
  fieldLimit: z
    .number()
    .positive()
    .default(50_000)
    .meta(
      restart('Fields beyond are no measurement, in the unit of the firmware; default: 50 mT in microtesla'),
    ),
  ...levels,
});

const contactilePts = z.strictObject({
  kind: z.literal('contactile-pts'),
  sensors: z.int().min(1).max(16).default(1).meta(restart('Sensors at the hub', 'sensors')),
  pillars: z.int().min(1).max(64).default(9).meta(restart('Pillars of a sensor', 'pillars')),
  values: z
    .array(z.enum(pillarValues))
    .min(1)
    .max(6)
    .default(['fx', 'fy', 'fz'])
    .meta(
      restart('Values that become taxels: taxel = pillar, of all sensors, x values + place in this list'),
    ),
  rate: z.literal(ptsRates).optional().meta(restart('Frames to ask for; default: as the hub is set', '1/s')),
  bias: z
    .boolean()
    .default(false)
    .meta(restart('Ask the hub to take its load at the start as zero: nothing may touch it for 2 s')),
  slipDetection: z
    .boolean()
    .optional()
    .meta(restart("The hub's own slip detection; default: as the hub is set")),
  ...levels,
});

const agniSp = z.strictObject({
  kind: z.literal('agni-sp'),
  protocol: z
    .enum(['agni', 'pic'])
    .default('agni')
    .meta(restart('agni: the glove with a Teensy; pic: the older one, of 64 taxels')),
  taxels: z.int().min(1).max(256).default(64).meta(restart('Taxels, with protocol agni', 'taxels')),
  datagram: z.int().min(1).max(0xc9).default(1).meta(restart('Number of the datagrams with the taxels')),
  ...levels,
});

const icubAe = z.strictObject({
  kind: z.literal('icub-ae'),
  devices: z
    .array(z.int().min(0).max(15))
    .min(1)
    .max(16)
    .default(Array.from(Array(16).keys()))
    .meta(restart('Devices that are read: taxel = place in this list x 16 + taxel of the device')),
});

/** How the bytes of a sensor are read, and what it is told. */
export const driverSchema = z.discriminatedUnion('kind', [
  tef,
  edvs,
  matrix,
  anyskin,
  contactilePts,
  agniSp,
  icubAe,
]);
