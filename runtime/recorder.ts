/** Recording of what sensors send: a ring of capture files for each. */
import { join } from 'node:path';
import { CaptureRing, RecordError, type SensorIdentity, tappedTransport } from '../devices/index.js';
import type { RecordConfig } from './config/index.js';
import type { Logger } from './log/index.js';
import type { SensorPlan } from './sensors.js';

export interface RecorderOptions extends Omit<RecordConfig, 'folder'> {
  readonly folder: string;
  /** Told when the recording of a sensor cannot go on; the sensor does. */
  readonly onFailure: (sensor: string, error: RecordError) => void;
  /** Told of each ring when everything is on the disk. */
  readonly onClosed: (sensor: string, ring: CaptureRing) => void;
}

/** Where the files of a sensor are: in a folder of its own, so that replay and convert can be given the folder. */
export function recordingFolder(folder: string, sensor: string): string {
  return join(folder, sensor);
}

export class Recorder {
  readonly rings = new Map<string, CaptureRing>();

  constructor(private readonly options: RecorderOptions) {}

  /**
   * The same sensor, recorded. A sensor whose folder cannot be made is told as a failure and goes on unrecorded.
   * @param identity who the sensor has said it is, asked for each time a file is begun
   */
  async record(plan: SensorPlan, identity: () => SensorIdentity | undefined): Promise<SensorPlan> {
    const { folder, maxMb, files, onFailure } = this.options;
    const { name } = plan;
    try {
      const ring = await CaptureRing.prepare({
        folder: recordingFolder(folder, name),
        sensor: name,
        fileBytes: maxMb * 1e6,
        files,
        meta: () => headerOf(plan, identity()),
        onFailure: (error) => onFailure(name, error),
      });
      this.rings.set(name, ring);
      return { ...plan, transport: tappedTransport(plan.transport, ring) };
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      onFailure(name, error);
      return plan;
    }
  }

  /** Brings everything to the disk. */
  async close(): Promise<void> {
    const closing = [...this.rings].map(async ([sensor, ring]) => {
      await ring.close();
      this.options.onClosed(sensor, ring);
    });
    await Promise.all(closing);
  }
}

/** The recorder that the configuration wants, if any. What goes wrong with it is logged; the sensors go on. */
export function recorderFor({ folder, ...rest }: RecordConfig, log: Logger): Recorder | undefined {
  if (folder === undefined) return undefined;
  return new Recorder({
    ...{ ...rest, folder },
    onFailure: (sensor, { message }) => log.error({ sensor, reason: message }, 'the recording has ended'),
    onClosed: (sensor, { bytes, lost }) =>
      log[lost > 0 ? 'warn' : 'info']({ sensor, bytes, lost }, 'recorded'),
  });
}

/** A capture's header has 64 KiB: a calibration of very many taxels is left to its file. */
const longestCalibration = 48 * 1024;

/** What a capture says of its sensor: enough to decode a file that does not begin with the sensor's own words. */
function headerOf(
  { config, geometry, calibration }: SensorPlan,
  identity: SensorIdentity | undefined,
): Record<string, unknown> {
  const { driver = { kind: 'tef' }, tickNs: configured, transport } = config;
  const { taxels, name, uid, firmware, bootId } = identity ?? {};
  const tickNs = driver.kind === 'tef' ? (identity?.tickNs ?? configured) : configured;
  const short = JSON.stringify(calibration ?? null).length <= longestCalibration;
  return {
    ...{
      driver,
      geometry: geometry.id,
      transport: transport.kind,
      taxels,
      tickNs,
      name,
      uid,
      firmware,
      bootId,
    },
    ...(calibration !== undefined && short ? { calibration } : {}),
  };
}
