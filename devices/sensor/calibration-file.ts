/** Calibration files: JSON, what `whorl calibrate` found out about each taxel of an untouched sensor. */
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { z } from 'zod';

export const maxTaxels = 65_536;
/** Larger files are not read: 65536 taxels with full digits stay below. */
const maxFileBytes = 8 * 1024 * 1024;

const levels = z.array(z.number()).min(1).max(maxTaxels);

const calibrationSchema = z
  .strictObject({
    format: z.literal('whorl-calibration'),
    version: z.literal(1),
    /** Kind of the driver whose levels these are. */
    driver: z.string().min(1).max(64),
    /** Frames that were watched. */
    frames: z.int().min(1),
    /** Level of each untouched taxel, in the unit of the sensor. */
    rest: levels,
    /** Standard deviation of its noise. */
    noise: z.array(z.number().min(0)).min(1).max(maxTaxels),
    /** Change that makes an event. */
    threshold: z.array(z.number().positive()).min(1).max(maxTaxels),
  })
  .refine(({ rest, noise, threshold }) => rest.length === noise.length && rest.length === threshold.length, {
    message: 'rest, noise and threshold must have the same length',
  });

export type Calibration = z.output<typeof calibrationSchema>;

/** A calibration file that cannot be used; the message says which, and why. */
export class CalibrationError extends Error {
  override readonly name = 'CalibrationError';
}

/** The calibration in a file. Throws CalibrationError when it is not there, too large, or no calibration. */
export async function readCalibration(path: string): Promise<Calibration> {
  const text = await readText(path);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new CalibrationError(`${path}: is not JSON: ${(error as Error).message}`);
  }
  const parsed = calibrationSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue!.path.length === 0 ? '' : `${issue!.path.join('.')}: `;
  throw new CalibrationError(`${path}: is no calibration: ${where}${issue!.message}`);
}

/** Writes a calibration, so that at any time the file is the old one or the new one, whole. */
export async function writeCalibration(path: string, calibration: Calibration): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(`${JSON.stringify(calibration)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > maxFileBytes)
      throw new CalibrationError(`${path}: has ${size} bytes; at most ${maxFileBytes} are read`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof CalibrationError) throw error;
    throw new CalibrationError(`${path}: cannot be read: ${(error as Error).message}`);
  }
}
