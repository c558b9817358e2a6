import type { Command } from 'commander';
import { readGeometry, SimulatedDevice, type TransportFactory } from '../../devices/index.js';
import { readModelFile } from '../../models/index.js';
import { demoModel, modelPath } from '../bundled.js';
import type { Override } from '../config/index.js';
import { Daemon } from '../daemon.js';
import { openTouch } from '../dataset/touch.js';
import { createLogging } from '../log/index.js';
import { deviceTransport } from '../sensors.js';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';
import { integer, number } from './options.js';
import { stopOnSignals } from './signals.js';

interface Options extends ConfigOptions {
  readonly model: string;
  readonly geometry: string;
  readonly speed: number;
  readonly windows?: number;
  readonly json?: true;
}

const sensor = 'recorded';

export function define(command: Command): void {
  configOptions(command)
    .argument(
      '<data>',
      'capture file, directory or .zip of sample_<i>_label_<k>.npy, or simulator[:seed=7,count=20]',
    )
    .option('-m, --model <model>', 'model file, or the name of a bundled model', demoModel)
    .option('--geometry <name>', 'built-in geometry or JSON file', 'neutouch-b')
    .option('--speed <x>', '1 is the pace of the recording, 0 as fast as possible', number(0, 1000), 0)
    .option('--windows <n>', 'play only so many recorded windows', integer(1))
    .option('--json', 'one JSON result message a line')
    .addHelpText(
      'after',
      '\nThe same pipeline as live touch, results over MQTT included; no window is dropped.',
    )
    .action(run);
}

async function run(data: string, options: Options): Promise<void> {
  const { overrides, transport, finished } = data.endsWith('.capture')
    ? captureOf(data, options)
    : await touchOf(data, options);
  const { config, secrets } = loadConfiguration(options, [...replaySettings(options), ...overrides]);
  const logging = createLogging({ ...config.log, level: 'warn' });
  let answered = 0;
  const daemon = new Daemon({
    config,
    secrets,
    log: logging.logger,
    ...(transport === undefined ? {} : { transports: { [sensor]: transport } }),
    observer: {
      result: (body) => {
        answered++;
        const text = `window ${body.window}  ${body.label}  ${(100 * body.confidence).toFixed(1)} %  ${(body.latency_us.total / 1000).toFixed(1)} ms`;
        console.log(options.json ? JSON.stringify(body) : text);
      },
    },
  });
  const interrupted = stopOnSignals(() => daemon.stop());
  try {
    await daemon.start();
    const played = (finished ?? daemon.inputs.get(sensor)!.sensor.ended).then(async () => {
      for (const pipeline of daemon.pipelines.values()) if (finished === undefined) pipeline.flush();
      await daemon.drained();
    });
    await Promise.race([played, interrupted]);
  } finally {
    await daemon.stop();
    logging.flush();
  }
  if (!options.json) console.log(`${answered} windows answered`);
  process.exit(); // signal handlers would keep the process
}

interface Source {
  readonly overrides: readonly Override[];
  /** Absent: the configured one. */
  readonly transport?: TransportFactory;
  /** When everything has been sent; absent: when the sensor ends. */
  readonly finished?: Promise<void>;
}

/** Sensor and pipeline of a replay; a configuration file, the environment and --set can change the rest. */
function replaySettings({ model, geometry }: Options): Override[] {
  const from = (path: string, value: unknown): Override => ({
    path: path.split('.'),
    value,
    source: 'replay',
  });
  return [
    from('sensors', { [sensor]: { transport: { kind: 'simulator' }, geometry } }),
    from('pipelines', { replay: { sensors: [sensor], model: modelPath(model), queueLimit: 64 } }),
    from('broker.port', 18_830),
  ];
}

function captureOf(file: string, { speed }: Options): Source {
  return {
    overrides: [
      { path: ['sensors', sensor, 'transport'], value: { kind: 'replay', file, speed }, source: 'replay' },
    ],
  };
}

/** Recordings and the simulator come from a simulated device; recorded windows are met whole by a sliding window. */
async function touchOf(data: string, options: Options): Promise<Source> {
  const geometry = await readGeometry(options.geometry);
  const { input } = (await readModelFile(modelPath(options.model))).spec;
  const touch = await openTouch(data, geometry, input.binUs, options.windows);
  const device = new SimulatedDevice({
    geometry,
    source: touch.events,
    speed: options.speed === 0 ? Number.POSITIVE_INFINITY : options.speed,
    clockStartsWithStream: true,
    tailUs: input.bins * input.binUs,
  });
  const hopMs = (input.bins * input.binUs) / 1000;
  const whole: Override = {
    path: ['pipelines', 'replay', 'window'],
    value: { kind: 'sliding', hopMs },
    source: 'replay',
  };
  return {
    overrides: touch.windows === undefined ? [] : [whole],
    transport: deviceTransport(device, 'recording'),
    finished: device.finished,
  };
}
