import { type Command, Option } from 'commander';
import type { CaptureRing, RecordError, Sensor } from '../../devices/index.js';
import type { Config, Override, SensorConfig } from '../config/index.js';
import { Recorder } from '../recorder.js';
import { openPlanned, planSensor } from '../sensors.js';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';
import { examples } from './examples.js';
import { CliError, exitCodes } from './exit.js';
import { collect, identifier, integer, number, optionHelp } from './options.js';
import { stopOnSignals } from './signals.js';

interface Options extends ConfigOptions {
  readonly port?: string;
  readonly baud: number;
  readonly name: string;
  readonly geometry: string;
  readonly tickNs?: number;
  readonly sensor?: readonly string[];
  readonly out?: string;
  readonly maxMb?: number;
  readonly files?: number;
  readonly for?: number;
}

const defaultFolder = 'recordings';

export function define(command: Command): void {
  configOptions(command)
    .addOption(
      new Option('--port <port>', 'a serial port, or tcp:HOST:PORT, in place of a configuration').conflicts([
        'config',
        'sensor',
      ]),
    )
    .option('--baud <rate>', 'speed of the serial port', integer(1200, 12_000_000), 1_000_000)
    .option('--name <name>', 'name of the sensor at --port', identifier, 'sensor')
    .option('--geometry <name>', optionHelp.geometry, 'neutouch-b')
    .option('--tick-ns <ns>', 'tick of a sensor at --port that does not say it', integer(1, 1e9))
    .option('--sensor <name>', 'only this sensor of the configuration; may be given several times', collect)
    .option('-o, --out <folder>', `folder of the recordings (record.folder, or ${defaultFolder})`)
    .option('--max-mb <mb>', 'size at which the next file is begun (record.maxMb, 64)', number(0.01, 100_000))
    .option('--files <n>', 'files a sensor: one more deletes the oldest (record.files, 16)', integer(1, 1e5))
    .option('--for <seconds>', 'end after so long', number(0.001, 1e9))
    .addHelpText(
      'after',
      `
Writes the raw bytes with their arrival times as OUT/SENSOR/SENSOR-DATE-NUMBER.capture. Files of
earlier runs count as well. --port is for sensors that speak TEF: configure others. A sensor that is
lost is waited for. whorl replay and whorl convert read
a file, or a sensor's folder: then the newest run. To record while classifying, set record.folder.`,
    )
    .action(run);
  examples(command, [
    ['whorl record --port /dev/ttyACM0', 'one sensor until Ctrl-C, into recordings/sensor'],
    ['whorl record --config whorl.yaml --sensor finger0 --for 60', 'a minute of a configured sensor'],
    ['whorl record --config whorl.yaml --max-mb 100 --files 10', 'all sensors, 1 GB of each at most'],
  ]);
}

async function run(options: Options): Promise<void> {
  const { config } = loadConfiguration(options, portSettings(options));
  const { record } = config;
  const folder = options.out ?? record.folder ?? defaultFolder;
  let failed: (error: RecordError) => void = () => {};
  const failure = new Promise<RecordError>((resolve) => {
    failed = resolve;
  });
  const recorder = new Recorder({
    folder,
    maxMb: options.maxMb ?? record.maxMb,
    files: options.files ?? record.files,
    onStart: true,
    onFailure: (_, error) => failed(error),
    onClosed: (name, ring) => told(name, ring, sensors.get(name)),
  });
  const sensors = new Map<string, Sensor>();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= Promise.all([...sensors.values()].map((sensor) => sensor.close())).then(() =>
      recorder.close(),
    );
    return closing;
  };
  const interrupted = stopOnSignals(close);
  for (const [name, sensor] of chosenSensors(config, options)) {
    sensors.set(name, await openRecorded(name, sensor, recorder, () => sensors.get(name)));
  }
  console.error(`record: into ${folder}; Ctrl-C ends`);
  const elapsed = new Promise<undefined>((resolve) => {
    if (options.for !== undefined)
      setTimeout(() => resolve(undefined), Math.min(options.for * 1000, 0x7fff_ffff));
  });
  const error = await Promise.race([failure, elapsed, interrupted.then(() => undefined)]);
  await close();
  if (error !== undefined) throw new CliError(error.message);
  process.exit(exitCodes.done); // signal handlers would keep the process
}

async function openRecorded(
  name: string,
  config: SensorConfig,
  recorder: Recorder,
  opened: () => Sensor | undefined,
): Promise<Sensor> {
  const plan = await recorder.record(await planSensor(name, config), () => opened()?.status.identity);
  const ignore = (): void => {};
  return openPlanned(plan, {
    events: ignore,
    advance: ignore,
    epoch: ignore,
    status: ({ state, reason }) => console.error(`record: ${name} is ${state}: ${reason}`),
  });
}

/** What has become of a sensor's recording; told once, when it is on the disk. */
function told(name: string, { bytes, lost, written }: CaptureRing, sensor: Sensor | undefined): void {
  const { events = 0 } = sensor?.counters ?? {};
  const where = written.length === 0 ? 'nothing came' : written.join('\n  ');
  const missing = lost === 0 ? '' : `; ${lost} bytes could not be recorded`;
  console.log(`${name}: ${bytes} bytes, ${events} events${missing}\n  ${where}`);
}

/** Sensors that are to be recorded. Throws `CliError` when there is none, or one that cannot be. */
function chosenSensors(config: Config, { sensor: wanted }: Options): [string, SensorConfig][] {
  const known = Object.keys(config.sensors);
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new CliError(
      `--sensor ${unknown}: is not in the configuration, which has ${known.join(', ') || 'none'}`,
      exitCodes.usage,
    );
  const chosen = Object.entries(config.sensors).filter(([name, { enabled, transport }]) =>
    wanted === undefined ? enabled && transport.kind !== 'replay' : wanted.includes(name),
  );
  if (chosen.length === 0)
    throw new CliError(
      'there is no sensor to record: name a port with --port, or a configuration with --config',
      exitCodes.usage,
    );
  const replayed = chosen.find(([, { transport }]) => transport.kind === 'replay');
  if (replayed !== undefined)
    throw new CliError(`--sensor ${replayed[0]}: is a recording already`, exitCodes.usage);
  return chosen;
}

/** The sensor that `--port` makes, as a configuration would have it. */
function portSettings({ port, baud, name, geometry, tickNs }: Options): Override[] {
  if (port === undefined) return [];
  const { kind, ...where } = portTransport(port);
  const transport = kind === 'serial' ? { kind, ...where, baudRate: baud } : { kind, ...where };
  const value = { [name]: { transport, geometry, ...(tickNs === undefined ? {} : { tickNs }) } };
  return [
    { path: ['sensors'], value, source: '--port' },
    { path: ['pipelines'], value: {}, source: '--port' },
  ];
}

function portTransport(
  port: string,
): { kind: 'serial'; path: string } | { kind: 'tcp'; host: string; port: number } {
  const [, host, number] = /^tcp:(.+):(\d+)$/.exec(port) ?? [];
  return host === undefined
    ? { kind: 'serial', path: port }
    : { kind: 'tcp', host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(number) };
}
