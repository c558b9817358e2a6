/** `whorl calibrate`: watches an untouched sensor and writes what rest is, how it wavers, and what a touch must exceed. */
import { type Command, Option } from 'commander';
import {
  type Calibration,
  type Driver,
  frameDriverKinds,
  isFrameDriver,
  openSensor,
  RestFrames,
  writeCalibration,
} from '../../devices/index.js';
import { systemClock } from '../clock.js';
import type { Override, SensorConfig } from '../config/index.js';
import { calibrationFile, driverKind, driverOf } from '../sensor-driver.js';
import { linkOf } from '../sensors.js';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';
import { examples } from './examples.js';
import { CliError, exitCodes } from './exit.js';
import { collect, integer, number, optionHelp } from './options.js';
import { checkWritable } from './output-file.js';

interface Options extends ConfigOptions {
  readonly sensor?: string;
  readonly port?: string;
  readonly driver?: string;
  readonly baud: number;
  readonly with?: readonly string[];
  readonly seconds: number;
  readonly sigmas: number;
  readonly least?: number;
  readonly out?: string;
  readonly json?: true;
}

/** How long to wait for the first frame, in milliseconds. */
const patienceMs = 10_000;
/** The sensor that `--port` makes. */
const portSensor = 'port';

export function define(command: Command): void {
  configOptions(command)
    .option('--sensor <name>', 'sensor of the configuration to calibrate')
    .addOption(new Option('--port <port>', 'or: a serial port, with --driver').conflicts('sensor'))
    .addOption(new Option('--driver <kind>', 'what the sensor at --port speaks').choices(frameDriverKinds))
    .option('--baud <rate>', 'speed of --port', integer(1200, 12_000_000), 2_000_000)
    .option('--with <key=value>', 'a key of the driver at --port; may be given several times', collect)
    .option('--seconds <s>', 'how long to watch', number(0.1, 600), 5)
    .option('--sigmas <n>', 'thresholds in standard deviations of the noise', number(1, 100), 6)
    .option('--least <threshold>', 'least threshold; default: two of the smallest steps', number(1e-12))
    .option('-o, --out <file>', 'file to write; default: the one that the configuration names')
    .option('--json', optionHelp.json)
    .action(run);
  examples(command, [
    [
      'whorl calibrate --sensor mat --config whorl.yaml',
      'five seconds without a touch; written to the file that sensors.mat.driver.calibration names',
    ],
    [
      'whorl calibrate --port /dev/ttyACM0 --driver anyskin --with chips=5 --out skin.json',
      'a sensor that is not configured yet',
    ],
  ]);
}

async function run(options: Options): Promise<void> {
  const { name, config } = chosenSensor(options);
  const out = options.out ?? calibrationFile(config);
  if (out === undefined)
    throw new CliError(
      `calibrate needs --out FILE, or sensors.${name}.driver.calibration in the configuration`,
      exitCodes.usage,
    );
  await checkWritable(out);
  const rest = await watch(config, options.seconds, name);
  const least = options.least === undefined ? {} : { leastThreshold: options.least };
  const calibration = rest.calibrate(driverKind(config), { sigmas: options.sigmas, ...least });
  await writeCalibration(out, calibration);
  const unquiet = rest.unquiet(calibration);
  if (options.json) console.log(JSON.stringify({ out, ...calibration, unquiet }));
  else console.log(summary(calibration, unquiet, out));
}

function chosenSensor(options: Options): { name: string; config: SensorConfig } {
  const { port, sensor } = options;
  const name = port === undefined ? sensor : portSensor;
  if (name === undefined) throw new CliError('calibrate needs --sensor NAME or --port PORT', exitCodes.usage);
  if (port !== undefined && options.driver === undefined)
    throw new CliError('--port needs --driver as well', exitCodes.usage);
  const { config } = loadConfiguration(options, port === undefined ? [] : portSettings(port, options));
  const found = Object.hasOwn(config.sensors, name) ? config.sensors[name] : undefined;
  if (found === undefined) {
    const names = Object.keys(config.sensors).join(', ') || 'none';
    throw new CliError(
      `--sensor ${name}: the configuration has no such sensor; it has: ${names}`,
      exitCodes.usage,
    );
  }
  if (found.driver === undefined || !isFrameDriver(found.driver))
    throw new CliError(
      `${name} speaks ${driverKind(found)}, which sends events: there is nothing to calibrate. Sensors that send levels: ${frameDriverKinds.join(', ')}`,
      exitCodes.usage,
    );
  return { name, config: found };
}

/** The settings that make a sensor of `--port` and what stands with it. A threshold is not known yet, and not used. */
function portSettings(path: string, options: Options): Override[] {
  const set = (key: string, value: unknown, source: string): Override => ({
    path: ['sensors', portSensor, ...key.split('.')],
    value,
    source,
  });
  const keys = (options.with ?? []).map((setting) => {
    const at = setting.indexOf('=');
    if (at < 1) throw new CliError(`--with ${setting}: must be key=value, e.g. rows=12`, exitCodes.usage);
    return set(`driver.${setting.slice(0, at)}`, setting.slice(at + 1), `--with ${setting.slice(0, at)}`);
  });
  return [
    set('transport.kind', 'serial', '--port'),
    set('transport.path', path, '--port'),
    set('transport.baudRate', options.baud, '--baud'),
    set('driver.kind', options.driver, '--driver'),
    set('driver.threshold', 1, '--port'),
    ...keys,
  ];
}

/** The frames of some seconds from the first on, or of the whole of a capture that is shorter. */
async function watch(config: SensorConfig, seconds: number, name: string): Promise<RestFrames> {
  const { transport } = config;
  if (transport.kind === 'simulator')
    throw new CliError(`${name} is simulated, and a simulated sensor sends events`, exitCodes.usage);
  const rest = new RestFrames();
  const [begun, begin] = signal();
  let reason = 'nothing arrives';
  const sensor = openSensor(
    { transport: linkOf(transport), driver: quietDriver(config), once: transport.kind === 'replay' },
    {
      levels: ({ values, length }) => {
        rest.add(values.subarray(0, length));
        begin();
      },
      status: (status) => {
        reason = status.reason;
        if (status.state === 'absent' || status.state === 'error') begin();
      },
      ...{ events: () => {}, advance: () => {}, epoch: () => {} },
    },
  );
  await within(patienceMs, begun);
  if (rest.frames > 0) {
    console.error(`calibrate: watching ${name} for ${seconds} s; do not touch it`);
    await within(seconds * 1000, sensor.ended);
  }
  const why = reason;
  await sensor.close();
  if (rest.frames === 0) throw new CliError(`${name}: no frame came: ${why}`);
  return rest;
}

/** A promise and what fulfils it. */
function signal(): [Promise<void>, () => void] {
  let fulfil = (): void => {};
  const promise = new Promise<void>((resolve) => {
    fulfil = resolve;
  });
  return [promise, fulfil];
}

/** Waits for the promise, but not longer than `ms` milliseconds. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  const [over, end] = signal();
  const timer = systemClock.setTimer(end, ms);
  await Promise.race([promise, over]);
  systemClock.clearTimer(timer);
}

/** The sensor's driver, with which everything is rest. */
function quietDriver(config: SensorConfig): Driver {
  const driver = { ...config.driver!, threshold: Number.MAX_VALUE };
  return driverOf({ ...config, driver }, 1);
}

function summary(
  { frames, rest, noise, threshold }: Calibration,
  unquiet: readonly number[],
  out: string,
): string {
  const lines = [
    `${rest.length} taxels, ${frames} frames; written to ${out}`,
    `rest       ${range(rest)}`,
    `noise      ${range(noise)}`,
    `thresholds ${range(threshold)}`,
  ];
  if (unquiet.length > 0) {
    const named = `${unquiet.slice(0, 10).join(', ')}${unquiet.length > 10 ? ', ...' : ''}`;
    lines.push(
      `${unquiet.length} taxels passed their threshold while you watched (${named}): touched, or loose?`,
    );
  }
  return lines.join('\n');
}

function range(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, middle, high] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!];
  return `${short(low)} .. ${short(high)}, in the middle ${short(middle)}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
