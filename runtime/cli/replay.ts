import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import {
  builtInGeometry,
  CaptureReader,
  captureFiles,
  readGeometry,
  type Sensor,
  type SensorStatus,
  SimulatedDevice,
  type TransportFactory,
} from '../../devices/index.js';
import { demoModel, modelPath } from '../bundled.js';
import type { Override } from '../config/index.js';
import { Daemon } from '../daemon.js';
import { openTouch } from '../dataset/touch.js';
import { createLogging } from '../log/index.js';
import { recordingTransport } from '../sensors.js';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';
import { examples } from './examples.js';
import { CliError, exitCodes } from './exit.js';
import { openModel } from './model.js';
import { integer, number, optionHelp } from './options.js';
import { stopOnSignals } from './signals.js';

interface Options extends ConfigOptions {
  readonly model: string;
  readonly geometry: string;
  readonly speed: number;
  readonly windows?: number;
  readonly json?: true;
}

const sensor = 'recorded';
const pipeline = 'replay';

export function define(command: Command): void {
  configOptions(command)
    .argument(
      '<data>',
      'capture, .tact, .csv, .mat or .aedat file, folder of a recorded sensor, directory or .zip of sample_<i>_label_<k>.npy, or simulator[:seed=7,count=20]',
    )
    .option('-m, --model <model>', optionHelp.model, demoModel)
    .option('--geometry <name>', optionHelp.geometry, 'neutouch-b')
    .option('--speed <x>', '1 is the pace of the recording, 0 as fast as possible', number(0, 1000), 0)
    .option('--windows <n>', 'end after so many windows', integer(1))
    .option('--json', 'one JSON result message a line')
    .addHelpText(
      'after',
      `
The same pipeline as live touch, results over MQTT included. No window and no answer is skipped, so
every replay of a recording publishes the same, at any speed, but for times and session ids.`,
    )
    .action(run);
  examples(command, [
    ['whorl replay recordings/finger0', 'the newest run that whorl record wrote of finger0'],
    ['whorl replay finger0.capture', 'a capture through the bundled model'],
    ['whorl replay recordings.zip --model grasp.safetensors --json', 'recorded windows, a result a line'],
    ['whorl replay simulator:seed=3,count=10 --speed 1', 'simulated touch at its own pace'],
  ]);
}

async function run(data: string, options: Options): Promise<void> {
  const { spec } = await openModel(options.model);
  const source = (await areCaptures(data)) ? await captureOf(data) : await touchOf(data, options, spec.input);
  const settings = [...replaySettings(data, options, source.sensor), ...(source.settings ?? [])];
  const { config, secrets } = loadConfiguration(options, settings);
  const logging = createLogging({ ...config.log, level: 'warn' });
  const results = new ResultLines(options);
  let last: SensorStatus | undefined;
  const daemon = new Daemon({
    config,
    secrets,
    log: logging.logger,
    anyPort: true,
    ...(source.transport === undefined ? {} : { transports: { [sensor]: source.transport } }),
    observer: {
      result: (body) => results.print(body),
      sensorStatus: (_, status) => {
        last = status;
      },
    },
  });
  const interrupted = stopOnSignals(() => daemon.stop());
  try {
    await daemon.start();
    if (daemon.faults.length > 0) throw new CliError(daemon.faults.join('\n'));
    console.error(`replay: results also on ${daemon.brokerUrl}  ${daemon.topic}/pipeline/${pipeline}/result`);
    await Promise.race([played(daemon, () => last), results.complete, interrupted]);
  } finally {
    await daemon.stop();
    logging.flush();
  }
  if (!options.json) console.log(`${results.count} window${results.count === 1 ? '' : 's'} answered`);
  process.exit(exitCodes.done); // signal handlers would keep the process
}

/**
 * Resolves when the recording has ended and every window has its answer. Throws `CliError` with what is wrong with it.
 * @param status the last status of its sensor
 */
async function played(daemon: Daemon, status: () => SensorStatus | undefined): Promise<void> {
  const { sensor: recorded } = daemon.inputs.get(sensor)!;
  await recorded.ended;
  await daemon.drained();
  const { state, reason } = status()!;
  const { counters } = recorded;
  if (state === 'error' || (state === 'absent' && counters.opened === 0)) throw new CliError(reason);
  const unused = losses(counters);
  if (unused !== '') console.error(`replay: of the recording ${unused} were of no use`);
}

function losses({ discarded, rejected }: Sensor['counters']): string {
  return [
    ...Object.entries(discarded).map(([reason, n]) => (n === 0 ? '' : `${n} bytes (${reason})`)),
    ...Object.entries(rejected).map(([reason, n]) => (n === 0 ? '' : `${n} events (${reason})`)),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** Sensor and pipeline of a replay; a configuration file, the environment and --set can change the rest. */
function replaySettings(
  data: string,
  { model, geometry: name, speed }: Options,
  told: Source['sensor'],
): Override[] {
  const transport = { kind: 'replay', file: resolve(data), speed };
  const geometry = builtInGeometry(name) === undefined ? resolve(name) : name;
  return [
    setting('sensors', { [sensor]: { transport, geometry, ...told } }),
    setting('pipelines', { [pipeline]: { sensors: [sensor], model: modelPath(model) } }),
  ];
}

function setting(path: string, value: unknown): Override {
  return { path: path.split('.'), value, source: 'replay' };
}

interface Source {
  readonly settings?: readonly Override[];
  /** Absent: a capture, which is read as it is. */
  readonly transport?: TransportFactory;
  /** Keys of the sensor that a capture tells in its header. */
  readonly sensor?: { readonly tickNs?: number; readonly driver?: object };
}

/** Whether it is a capture, or the folder of a sensor's recordings. */
async function areCaptures(data: string): Promise<boolean> {
  if (data.endsWith('.capture')) return true;
  return (await captureFiles(data).catch(() => [])).some((file) => file.endsWith('.capture'));
}

/**
 * What the header tells: the driver, and the tick, since the oldest file of a ring may have been deleted, and with it the
 * sensor's own words about its clock.
 */
async function captureOf(data: string): Promise<Source> {
  const files = await captureFiles(data).catch(() => [data]);
  if (files.length > 1) console.error(`replay: ${files.length} files from ${basename(files[0]!)} on`);
  const reader = await CaptureReader.open(files[0]!).catch(() => undefined); // the replay tells what is wrong
  await reader?.close();
  const { tickNs, driver } = reader?.header.meta ?? {};
  const tick = typeof tickNs === 'number' ? { tickNs } : {};
  return { sensor: typeof driver === 'object' && driver !== null ? { ...tick, driver } : tick };
}

/** Recordings and the simulator come from a simulated device; recorded windows are met whole by a sliding window. */
async function touchOf(
  data: string,
  { geometry: name, windows, speed }: Options,
  input: { readonly bins: number; readonly binUs: number },
): Promise<Source> {
  const geometry = await readGeometry(name);
  const touch = await openTouch(data, geometry, input.binUs, windows);
  const windowUs = input.bins * input.binUs;
  const device = new SimulatedDevice({
    geometry,
    source: touch.events,
    speed: speed === 0 ? Number.POSITIVE_INFINITY : speed,
    clockStartsWithStream: true,
    tailUs: windowUs,
  });
  const whole = setting(`pipelines.${pipeline}.window`, { kind: 'sliding', hopMs: windowUs / 1000 });
  return {
    settings: touch.windows === undefined ? [] : [whole],
    transport: recordingTransport(device, 'recording'),
  };
}

/** Prints results, and knows when there have been enough. */
class ResultLines {
  count = 0;
  readonly complete: Promise<void>;
  #finish: () => void = () => {};

  constructor(private readonly options: Pick<Options, 'json' | 'windows'>) {
    this.complete = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  print(body: { window: number; label: string; confidence: number; latency_us: { total: number } }): void {
    const { json, windows = Number.POSITIVE_INFINITY } = this.options;
    if (this.count >= windows) return;
    const text = `window ${body.window}  ${body.label}  ${(100 * body.confidence).toFixed(1)} %  ${(body.latency_us.total / 1000).toFixed(1)} ms`;
    console.log(json ? JSON.stringify(body) : text);
    if (++this.count === windows) this.#finish();
  }
}
