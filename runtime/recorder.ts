/** Recording of what sensors send: a ring of capture files for each. */
import { join } from 'node:path';
import {
  CaptureRing,
  type LinkTap,
  RecordError,
  type SensorIdentity,
  tappedTransport,
} from '../devices/index.js';
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

/** A sensor that can be recorded. */
interface Recordable {
  readonly plan: SensorPlan;
  readonly identity: () => SensorIdentity | undefined;
}

/** Where the files of a sensor are: in a folder of its own, so that replay and convert can be given the folder. */
export function recordingFolder(folder: string, sensor: string): string {
  return join(folder, sensor);
}

export class Recorder {
  /** Of each sensor that is being recorded. */
  readonly rings = new Map<string, CaptureRing>();
  readonly #recordable = new Map<string, Recordable>();
  #closed = false;

  constructor(private readonly options: RecorderOptions) {}

  /** Names of the sensors that can be recorded. */
  get sensors(): string[] {
    return [...this.#recordable.keys()];
  }

  /** Whether sensors are recorded from the start on. */
  get onStart(): boolean {
    return this.options.onStart;
  }

  /**
   * The same sensor, recorded from now on. A sensor whose folder cannot be made is told as a failure and goes on
   * unrecorded.
   * @param identity who the sensor has said it is, asked for each time a file is begun
   */
  async record(plan: SensorPlan, identity: () => SensorIdentity | undefined): Promise<SensorPlan> {
    const { onFailure } = this.options;
    const attached = this.attach(plan, identity);
    try {
      await this.start(plan.name);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      onFailure(plan.name, error);
    }
    return attached;
  }

  /** The same sensor, recorded between `start` and `stop`. */
  attach(plan: SensorPlan, identity: () => SensorIdentity | undefined): SensorPlan {
    const { name } = plan;
    this.#recordable.set(name, { plan, identity });
    const tap: LinkTap = {
      opened: () => this.rings.get(name)?.opened(),
      data: (chunk, arrivalUs) => this.rings.get(name)?.data(chunk, arrivalUs),
    };
    return { ...plan, transport: tappedTransport(plan.transport, tap) };
  }

  /**
   * Begins to record an attached sensor that is not being recorded. Rejects with RecordError when it cannot be, and when
   * the recorder is closed before it has begun.
   */
  async start(sensor: string): Promise<void> {
    this.#refuseClosed(sensor);
    const { folder, maxMb, files, onFailure } = this.options;
    const { plan, identity } = this.#recordable.get(sensor)!;
    const before = this.rings.get(sensor);
    if (before !== undefined && before.failed === undefined) return;
    const ring = await CaptureRing.prepare({
      folder: recordingFolder(folder, sensor),
      sensor,
      fileBytes: maxMb * 1e6,
      files,
      meta: () => headerOf(plan, identity()),
      onFailure: (error) => onFailure(sensor, error),
    });
    this.#refuseClosed(sensor);
    if (this.rings.get(sensor) === before) this.rings.set(sensor, ring); // somebody else may have been quicker
  }

  /** Brings a sensor's recording to the disk and ends it; undefined: it was not recorded. */
  async stop(sensor: string): Promise<CaptureRing | undefined> {
    const ring = this.rings.get(sensor);
    if (ring === undefined) return undefined;
    this.rings.delete(sensor);
    await ring.close();
    this.options.onClosed(sensor, ring);
    return ring;
  }

  /** Brings everything to the disk, and records nothing any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.rings.keys()].map((sensor) => this.stop(sensor)));
  }

  #refuseClosed(sensor: string): void {
    if (this.#closed) throw new RecordError(`sensor ${sensor} is not recorded: the runtime stops`);
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
