/** What is a standing fault, as a function of two health messages. Pure. */
import type { AlertBody, HealthBody } from '../publish/index.js';

/**
 * A condition as it is at one moment.
 *   bad      it counts towards the alert
 *   good     it counts towards its end
 *   between  neither: the alert stays as it is
 */
export interface Condition {
  readonly id: string;
  readonly severity: AlertBody['severity'];
  readonly verdict: 'bad' | 'good' | 'between';
  /** What is wrong and what to do, in words; used when it is bad. */
  readonly message: string;
  /** Seconds for which it must be bad to be an alert, and good to be none any more; 0: at once. */
  readonly raiseS: number;
  readonly clearS: number;
}

/** How late timers may be at the 99th percentile: an alert from the first on, none any more below the second. */
export const LATE_LOOP_US = { bad: 50_000, good: 25_000 };
/** Connections lost within `BROKER_WINDOW_S`: an alert from the first on, none any more at the second or below. */
export const BROKER_LOSSES = { bad: 3, good: 1 };
export const BROKER_WINDOW_S = 60;

type SensorHealth = HealthBody['sensors'][number];
type PipelineHealth = HealthBody['pipelines'][number];

export interface Looks {
  readonly now: HealthBody;
  /** The look before; undefined at the first. */
  readonly before: HealthBody | undefined;
  /** Connections to the broker that were lost within the last `BROKER_WINDOW_S`. */
  readonly brokerLosses: number;
  /** Sensors that are recordings: one that has ended is no fault. */
  readonly recordings: ReadonlySet<string>;
}

/** Every condition that there can be an alert of, with how it is now. */
export function conditions({ now, before, brokerLosses, recordings }: Looks): Condition[] {
  return [
    eventLoop(now),
    broker(brokerLosses),
    store(now),
    ...now.sensors
      .filter(({ sensor }) => !recordings.has(sensor))
      .flatMap((sensor) => [
        lost(sensor),
        losses(
          sensor,
          before?.sensors.find((one) => one.sensor === sensor.sensor),
        ),
      ]),
    ...now.pipelines.flatMap((pipeline) => [
      failed(pipeline),
      overload(
        pipeline,
        before?.pipelines.find((one) => one.pipeline === pipeline.pipeline),
      ),
    ]),
  ];
}

function eventLoop({ event_loop: { p99 } }: HealthBody): Condition {
  return {
    id: 'event-loop-late',
    severity: 'warning',
    verdict: p99 >= LATE_LOOP_US.bad ? 'bad' : p99 < LATE_LOOP_US.good ? 'good' : 'between',
    message: `the main thread is ${Math.round(p99 / 1000)} ms late (99th percentile): results are as late; give it a faster or less busy processor, or fewer sensors`,
    raiseS: 5,
    clearS: 10,
  };
}

function broker(lostConnections: number): Condition {
  const { bad, good } = BROKER_LOSSES;
  return {
    id: 'broker-unstable',
    severity: 'warning',
    verdict: lostConnections >= bad ? 'bad' : lostConnections <= good ? 'good' : 'between',
    message: `the connection to the broker broke ${lostConnections} times within ${BROKER_WINDOW_S} s; look at the network, the log of the broker, and for another client with the same edge.id`,
    raiseS: 0,
    clearS: 0,
  };
}

function store({ store_fault: fault }: HealthBody): Condition {
  return {
    id: 'store-unusable',
    severity: 'error',
    verdict: fault === undefined ? 'good' : 'bad',
    message: `${fault}; what serves goes on, but no model can be changed, and the next start may find none: see that its disk is there and whole and that whorl may read and write it`,
    raiseS: 5,
    clearS: 5,
  };
}

function lost({ sensor, status }: SensorHealth): Condition {
  return {
    id: `sensor-lost.${sensor}`,
    severity: 'error',
    verdict: status === 'online' ? 'good' : status === 'connecting' ? 'between' : 'bad',
    message: `sensor ${sensor} is ${status}; the message sensor/${sensor}/status says why and what to do`,
    raiseS: 5,
    clearS: 5,
  };
}

function losses({ sensor, counters }: SensorHealth, before: SensorHealth | undefined): Condition {
  const grown = (name: string): number => growth(counters, before?.counters, name);
  const gone = grown('frames_lost') + grown('events_lost');
  return {
    id: `sensor-losses.${sensor}`,
    severity: 'warning',
    verdict: gone > 0 ? 'bad' : 'good',
    message: `sensor ${sensor} keeps losing frames or events on the way; look at its cable, baud rate and flow control`,
    raiseS: 10,
    clearS: 30,
  };
}

function failed({ pipeline, state, reason }: PipelineHealth): Condition {
  return {
    id: `model-failed.${pipeline}`,
    severity: 'error',
    verdict: state === 'failed' ? 'bad' : 'good',
    message: `pipeline ${pipeline} has no usable model: ${reason ?? 'see the log'}`,
    raiseS: 0,
    clearS: 0,
  };
}

function overload({ pipeline, windows }: PipelineHealth, before: PipelineHealth | undefined): Condition {
  const gone = growth(windows, before?.windows, 'dropped') + growth(windows, before?.windows, 'shed_windows');
  return {
    id: `overload.${pipeline}`,
    severity: 'warning',
    verdict: gone > 0 ? 'bad' : 'good',
    message: `pipeline ${pipeline} keeps dropping windows, because they come faster than answers; use a faster engine, a smaller model, longer hops or more inference.workers`,
    raiseS: 5,
    clearS: 10,
  };
}

/** What a counter has grown by; 0 at the first look. */
function growth(
  now: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>> | undefined,
  name: string,
): number {
  return before === undefined ? 0 : Math.max(0, (now[name] ?? 0) - (before[name] ?? 0));
}
