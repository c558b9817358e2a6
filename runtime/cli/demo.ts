import type { Command } from 'commander';
import {
  builtInGeometry,
  type Geometry,
  type SequencedContact,
  SimulatedDevice,
  simulateSequence,
} from '../../devices/index.js';
import { demoModel } from '../bundled.js';
import { type Config, loadConfig } from '../config/index.js';
import { Daemon } from '../daemon.js';
import { createLogging } from '../log/index.js';
import { deviceTransport } from '../sensors.js';
import { DemoScore } from './demo-score.js';
import { LiveScreen } from './demo-screen.js';
import { examples } from './examples.js';
import { CliError, exitCodes } from './exit.js';
import { integer, number } from './options.js';
import { stopOnSignals } from './signals.js';

interface Options {
  readonly windows?: number;
  readonly seed: number;
  readonly speed: number;
  readonly port: number;
  readonly plain?: true;
}

const geometryId = 'neutouch-b';
const sensor = 'finger0';

export function define(command: Command): void {
  command
    .option('--windows <n>', 'end after so many decisions', integer(1))
    .option('--seed <n>', 'seed of the simulated touches', integer(0), 7)
    .option('--speed <x>', '1 is real time', number(0.1, 100), 1)
    .option(
      '--port <port>',
      'port of the embedded broker on 127.0.0.1; another one when it is in use',
      integer(1, 65_535),
      1883,
    )
    .option('--plain', 'one line a decision, also on a terminal')
    .addHelpText(
      'after',
      '\nSimulated finger -> TEF bytes -> windows -> event engine -> embedded MQTT broker. To listen along:\n  mosquitto_sub -t "tactile/v1/demo/#" -v',
    )
    .action(run);
  examples(command, [
    ['whorl demo', 'the live view; without a terminal of 80 x 21 characters, one line a decision'],
    ['whorl demo --windows 5 --plain', 'five decisions, one line each'],
  ]);
}

async function run(options: Options): Promise<void> {
  const geometry = builtInGeometry(geometryId)!;
  const { config, secrets } = demoConfig(options.port);
  const live = !options.plain && LiveScreen.fits(process.stdout);
  const logging = createLogging({ ...config.log, level: live ? 'error' : 'warn' });
  const score = new DemoScore(options.windows);
  const device = new SimulatedDevice({
    geometry,
    source: watched(geometry, options.seed, score),
    speed: options.speed,
    clockStartsWithStream: true,
  });
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const screen = live ? new LiveScreen(geometry, score, finish) : undefined;
  const daemon = new Daemon({
    config,
    secrets,
    log: logging.logger,
    anyPort: true,
    transports: { [sensor]: deviceTransport(device, 'simulator') },
    observer: {
      events: (_, batch) => screen?.events(batch),
      result: (body, result) => {
        if (!score.add(body, result)) return;
        if (screen === undefined) console.log(score.line());
        if (score.isComplete) finish();
      },
    },
  });
  const interrupted = stopOnSignals(() => daemon.stop());
  try {
    await daemon.start();
    if (daemon.faults.length > 0) throw new CliError(daemon.faults.join('\n'));
    score.where = `${daemon.brokerUrl}  ${daemon.topic}/#`;
    if (screen === undefined)
      console.log(`whorl demo: simulated finger, model ${demoModel}, results on ${score.where}`);
    screen?.start();
    await Promise.race([finished, interrupted]);
  } finally {
    screen?.stop();
    await daemon.stop();
    logging.flush();
  }
  console.log(score.summary());
  process.exit(exitCodes.done); // a signal handler and the far end of the simulated wire would keep the process
}

function demoConfig(port: number): { config: Config; secrets: object } {
  const values: Record<string, unknown> = {
    edge: { id: 'demo' },
    mqtt: { url: 'embedded' },
    broker: { port },
    sensors: { [sensor]: { transport: { kind: 'simulator' }, geometry: geometryId } },
    pipelines: { contact: { sensors: [sensor], model: demoModel } },
  };
  const result = loadConfig({
    overrides: Object.entries(values).map(([key, value]) => ({ path: [key], value, source: 'demo' })),
  });
  if ('errors' in result)
    throw new Error(`the demo's own configuration is wrong: ${JSON.stringify(result.errors)}`);
  return result;
}

/** The simulated touches, told to the score before they are sent: so the demo knows what each one was. */
function* watched(geometry: Geometry, seed: number, score: DemoScore): Generator<SequencedContact['events']> {
  for (const contact of simulateSequence({ geometry, seed, startUs: 300_000 })) {
    score.expect(contact);
    yield contact.events;
  }
}
