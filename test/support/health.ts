import type { HealthBody } from '../../runtime/publish/index.js';
import { bodies } from './bodies.js';

export interface HealthFacts {
  readonly p99?: number;
  readonly lost?: number;
  readonly storeFault?: string;
  readonly sensor?: HealthBody['sensors'][number]['status'];
  readonly framesLost?: number;
  readonly eventsLost?: number;
  readonly dropped?: number;
  readonly shedWindows?: number;
  readonly state?: HealthBody['pipelines'][number]['state'];
}

/** Health of an edge with the sensor `finger0` and the pipeline `slip`, both well but for what is named. */
export function healthOf({
  p99 = 200,
  lost = 0,
  storeFault,
  sensor = 'online',
  framesLost = 0,
  eventsLost = 0,
  dropped = 0,
  shedWindows = 0,
  state = 'running',
}: HealthFacts = {}): HealthBody {
  const { health } = bodies;
  const [finger] = health.sensors;
  const [slip] = health.pipelines;
  return {
    ...health,
    ...(storeFault === undefined ? {} : { store_fault: storeFault }),
    event_loop: { ...health.event_loop, p99 },
    mqtt: { ...health.mqtt, counters: { lost } },
    sensors: [{ ...finger!, status: sensor, counters: { frames_lost: framesLost, events_lost: eventsLost } }],
    pipelines: [{ ...slip!, state, reason: 'no such file', windows: { dropped, shed_windows: shedWindows } }],
  };
}
